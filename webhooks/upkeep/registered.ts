import { stringIn, stringMapIn } from '../../policies/core/json.ts';
import type { ClusterWriter } from '../../pipelines/source/cluster-writer.ts';

/** The annotation of the Lease that lists the configurations that were registered, so that a deletion is seen. */
export const registeredAnnotation = 'meshgate.dev/registered';

/** The names of the configurations that were registered and not taken back by us. */
export interface RegisteredNames {
  read(): Promise<ReadonlySet<string>>;
  /** Adds or takes out one name. Writes nothing where nothing changes; rejects with a conflict now and then. */
  change(name: string, isRegistered: boolean): Promise<void>;
}

/** Keeps the names on the Lease at this path, which outlives every replica and goes with the release. */
export function registeredNames(writer: ClusterWriter, leasePath: string): RegisteredNames {
  async function read(): Promise<{ readonly names: Set<string>; readonly version: string }> {
    const lease = await writer.read(leasePath);
    const text = stringMapIn(lease, 'metadata', 'annotations')[registeredAnnotation] ?? '';
    const names = new Set(text.split(',').filter((name) => name !== ''));
    return { names, version: stringIn(lease, 'metadata', 'resourceVersion') ?? '' };
  }
  return {
    read: async () => (await read()).names,
    async change(name, isRegistered) {
      const { names, version } = await read();
      if (names.has(name) === isRegistered) {
        return;
      }
      if (isRegistered) {
        names.add(name);
      } else {
        names.delete(name);
      }
      const text = names.size === 0 ? null : [...names].toSorted().join(',');
      const annotations = { [registeredAnnotation]: text };
      await writer.merge(leasePath, { metadata: { annotations, resourceVersion: version } });
    },
  };
}
