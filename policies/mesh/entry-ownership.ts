import { listIn } from '../core/json.ts';
import type { Resource } from '../core/resource.ts';
import { clusterOf } from './clusters.ts';
import { consumersIn, type Consumer } from './consumers.ts';
import { areAlike } from './entry-likeness.ts';
import { exportGroup, isDiscovered, namespacesExportedTo } from './exports.ts';
import { resolveHost } from './hosts.ts';
import { hostKey } from './keys.ts';
import { clusterDomain } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';
import { compareRegistryOrder } from './registry.ts';
import { serviceOfHost } from './services.ts';
import { importsHost } from './sidecar-scope.ts';

/** A host of a ServiceEntry that another namespace defines too. */
export type EntryConflict = {
  readonly host: string;
  readonly index: number;
} & (
  | {
      /** A Service of another namespace has the host: clients of the entry's namespace no longer reach it. */
      readonly outcome: 'shadows';
      readonly service: Resource;
    }
  | {
      /** Clients that see both take the other entry. */
      readonly outcome: 'unused';
      readonly winner: Resource;
      /** Both say the same, so that it makes no difference. */
      readonly alike: boolean;
      readonly clients: readonly Consumer[];
    }
);

/**
 * The hosts of a ServiceEntry that other namespaces define as well, where that changes what clients reach. A client
 * takes a host from its own namespace, else from a Service, else from the first entry in the registry's order; entries
 * of one namespace join. Costs O(ServiceEntries of the host · groups of clients in the namespaces that they name).
 */
export function entryConflicts(resource: Resource, mesh: Mesh): readonly EntryConflict[] {
  return listIn(resource.object, 'spec', 'hosts').flatMap((written, index) => {
    if (typeof written !== 'string') {
      return [];
    }
    const host = resolveHost(written, resource.namespace, clusterDomain(mesh));
    const service = serviceOfHost(host, mesh);
    if (service !== undefined) {
      return service.namespace === resource.namespace || !isDiscovered(service.namespace, mesh)
        ? []
        : [{ outcome: 'shadows' as const, host, index, service }];
    }
    return unusedEntry(resource, host, index, mesh);
  });
}

function unusedEntry(
  resource: Resource,
  host: string,
  index: number,
  mesh: Mesh,
): readonly EntryConflict[] {
  const entries = [...mesh.byKey('ServiceEntry', hostKey('', host))].filter(
    (entry) => clusterOf(entry) === clusterOf(resource) && isDiscovered(entry.namespace, mesh),
  );
  if (entries.every(({ namespace }) => namespace === resource.namespace)) {
    return [];
  }
  const named = entries.flatMap((entry) => [entry.namespace, ...namespacesExportedTo(entry, mesh)]);
  const lost = consumersIn(named, mesh).flatMap((client) => {
    const winner = entryTaken(host, entries, resource, client, mesh);
    return winner === undefined ? [] : [{ client, winner }];
  });
  const [first] = lost;
  return first === undefined
    ? []
    : [
        {
          outcome: 'unused',
          host,
          index,
          winner: first.winner,
          alike: areAlike(first.winner, resource),
          clients: lost.map(({ client }) => client),
        },
      ];
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
