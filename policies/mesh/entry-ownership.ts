import { listIn } from '../core/json.ts';
import type { Resource } from '../core/resource.ts';
import { isDiscovered } from './exports.ts';
import { resolveHost } from './hosts.ts';
import { clusterDomain } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';
import { serviceOfHost } from './services.ts';
import { unusedEntry, type UnusedEntry } from './unused-entries.ts';

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
  | UnusedEntry
);

/**
 * The hosts of a ServiceEntry that other namespaces define as well, where that changes what clients reach. A client
 * takes a host from its own namespace, else from a Service, else from the first entry in the registry's order; entries
 * of one namespace join. Costs O(ServiceEntries of the host · groups of clients in the namespaces that they name).
 */
export function entryConflicts(resource: Resource, mesh: Mesh): readonly EntryConflict[] {
  return listIn(resource.object, 'spec', 'hosts').flatMap(
    (written, index): readonly EntryConflict[] => {
      if (typeof written !== 'string') {
        return [];
      }
      const host = resolveHost(written, resource.namespace, clusterDomain(mesh));
      const service = serviceOfHost(host, mesh);
      if (service !== undefined) {
        return service.namespace === resource.namespace || !isDiscovered(service.namespace, mesh)
          ? []
          : [{ outcome: 'shadows', host, index, service }];
      }
      const unused = unusedEntry(resource, host, mesh);
      return unused === undefined ? [] : [{ ...unused, host, index }];
    },
  );
}
