import { listIn, type Json } from '../core/json.ts';
import { compareAge, type Resource } from '../core/resource.ts';
import { exportGroup } from './exports.ts';
import type { Mesh } from './mesh.ts';
import { hostsOf } from './registry.ts';
import { listenerImports } from './sidecar-scope.ts';

/** A host that an egress listener imports, and how many ports it has. */
export interface SocketTarget {
  readonly host: string;
  readonly ports: number;
}

/**
 * The hosts behind one egress listener of a Sidecar, oldest first. Costs O(Services and ServiceEntries of the
 * namespaces that its hosts name; of all namespaces for `*`).
 */
export function socketTargets(
  sidecar: Resource,
  listener: Json,
  mesh: Mesh,
): readonly SocketTarget[] {
  const named = listIn(listener, 'hosts').flatMap((host) =>
    typeof host === 'string' ? [host.split('/', 1)[0] ?? ''] : [],
  );
  const namespaces = named.includes('*')
    ? new Set([...mesh.namespacesWith('Service'), ...mesh.namespacesWith('ServiceEntry')])
    : new Set(named.map((name) => (name === '.' ? sidecar.namespace : name)));
  const candidates = [...namespaces].flatMap((namespace) => [
    ...mesh.inNamespace('Service', namespace),
    ...mesh.inNamespace('ServiceEntry', namespace),
  ]);
  return candidates
    .filter((resource) => exportGroup(resource, sidecar.namespace, mesh) !== undefined)
    .sort(compareAge)
    .flatMap((resource) =>
      hostsOf(resource, mesh)
        .filter((host) =>
          listenerImports(
            listener,
            sidecar.namespace,
            { namespace: resource.namespace, host },
            mesh,
          ),
        )
        .map((host) => ({ host, ports: listIn(resource.object, 'spec', 'ports').length })),
    );
}
