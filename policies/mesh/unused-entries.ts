import type { Resource } from '../core/resource.ts';
import { clusterOf } from './clusters.ts';
import { consumersIn, type Consumer } from './consumers.ts';
import { areAlike } from './entry-likeness.ts';
import { exportGroup, isDiscovered, namespacesExportedTo } from './exports.ts';
import { hostKey } from './keys.ts';
import type { Mesh } from './mesh.ts';
import { compareRegistryOrder } from './registry.ts';
import { importsHost } from './sidecar-scope.ts';

/** A ServiceEntry whose host clients take from another one. */
export interface UnusedEntry {
  /** Clients that see both take the other entry. */
  readonly outcome: 'unused';
  readonly winner: Resource;
  /** Both say the same, so that it makes no difference. */
  readonly alike: boolean;
  readonly clients: readonly Consumer[];
}

/** The clients that see a ServiceEntry and take its host from one of another namespace; undefined where there are none. */
export function unusedEntry(resource: Resource, host: string, mesh: Mesh): UnusedEntry | undefined {
  const entries = [...mesh.byKey('ServiceEntry', hostKey('', host))].filter(
    (entry) => clusterOf(entry) === clusterOf(resource) && isDiscovered(entry.namespace, mesh),
  );
  if (entries.every(({ namespace }) => namespace === resource.namespace)) {
    return undefined;
  }
  const named = entries.flatMap((entry) => [entry.namespace, ...namespacesExportedTo(entry, mesh)]);
  const lost = consumersIn(named, mesh).flatMap((client) => {
    const winner = entryTaken(host, entries, resource, client, mesh);
    return winner === undefined ? [] : [{ client, winner }];
  });
  const [first] = lost;
  return first === undefined
    ? undefined
    : {
        outcome: 'unused',
        winner: first.winner,
        alike: areAlike(first.winner, resource),
        clients: lost.map(({ client }) => client),
      };
}

/** The entry that a client takes in place of an equally exported one; a client's own entry is meant to win. */
function entryTaken(
  host: string,
  entries: readonly Resource[],
  resource: Resource,
  client: Consumer,
  mesh: Mesh,
): Resource | undefined {
  const seen = entries.flatMap((entry) => {
    const group = exportGroup(entry, client.namespace, mesh);
    const target = { namespace: entry.namespace, host };
    return group !== undefined && importsHost(client.sidecar, client.namespace, target, mesh)
      ? [{ resource: entry, host, group }]
      : [];
  });
  const own = seen.find((entry) => entry.resource === resource);
  const [winner] = seen.sort(compareRegistryOrder);
  const lost =
    own !== undefined &&
    winner !== undefined &&
    winner.resource.namespace !== resource.namespace &&
    winner.group === own.group &&
    seen.every((entry) => entry.resource.namespace !== client.namespace);
  return lost ? winner.resource : undefined;
}
