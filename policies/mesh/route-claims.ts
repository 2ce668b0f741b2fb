import { listIn } from '../core/json.ts';
import { compareAge, compareText, type Resource } from '../core/resource.ts';
import type { Consumer } from './consumers.ts';
import { exportGroup, isDiscovered, type ExportGroup } from './exports.ts';
import { namedPatterns, namingPartialWildcards } from './host-patterns.ts';
import { compareSpecificity, hostMatches, resolveHost } from './hosts.ts';
import { hostKey } from './keys.ts';
import { clusterDomain } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';
import { importsRoute } from './sidecar-scope.ts';

/** A VirtualService that a client could take for a host, with the pattern by which it names the host. */
export interface RouteClaim {
  readonly resource: Resource;
  readonly pattern: string;
  readonly group: ExportGroup;
}

/** A proxy, as far as the choice of a VirtualService goes. */
export type RouteViewer = Pick<Consumer, 'namespace' | 'sidecar'>;

/** Whether a VirtualService acts on the mesh's own proxies, not on gateways alone. */
export function isMeshBound(virtualService: Resource): boolean {
  const gateways = listIn(virtualService.object, 'spec', 'gateways');
  return gateways.length === 0 || gateways.includes('mesh');
}

/** The hosts of a VirtualService, completed, with their place in `spec.hosts`. */
export function routedHosts(
  virtualService: Resource,
  mesh: Mesh,
): readonly { readonly host: string; readonly index: number }[] {
  return listIn(virtualService.object, 'spec', 'hosts').flatMap((written, index) =>
    typeof written === 'string'
      ? [{ host: resolveHost(written, virtualService.namespace, clusterDomain(mesh)), index }]
      : [],
  );
}

/**
 * The VirtualServices that a client could take for a host or a wildcard, the one that it takes first: exact before
 * wildcard, exported to it by name or `.` before public, then the oldest. Nothing is merged, and owning the host does
 * not count. Source: Istio `pilot/pkg/model/virtualservice.go`, observed. Costs O(VirtualServices that match).
 */
export function claimsOn(host: string, viewer: RouteViewer, mesh: Mesh): readonly RouteClaim[] {
  const claims: RouteClaim[] = [];
  for (const pattern of namedPatterns('VirtualService', host, mesh)) {
    for (const resource of mesh.byKey('VirtualService', hostKey('', pattern))) {
      claims.push(...claimOf(resource, pattern, viewer, mesh));
    }
  }
  for (const resource of namingPartialWildcards('VirtualService', '', mesh)) {
    for (const { host: pattern } of routedHosts(resource, mesh)) {
      if (pattern !== host && hostMatches(pattern, host)) {
        claims.push(...claimOf(resource, pattern, viewer, mesh));
      }
    }
  }
  return claims.sort(
    (left, right) =>
      compareSpecificity(left.pattern, right.pattern) ||
      compareText(left.group, right.group) ||
      compareAge(left.resource, right.resource),
  );
}

/** Whether another VirtualService than this one may be about a host. */
export function hasRivals(resource: Resource, host: string, mesh: Mesh): boolean {
  const [partial] = namingPartialWildcards('VirtualService', '', mesh);
  return (
    partial !== undefined ||
    namedPatterns('VirtualService', host, mesh).some((pattern) =>
      mesh
        .byKey('VirtualService', hostKey('', pattern))
        .values()
        .some((other) => other !== resource),
    )
  );
}

function claimOf(
  resource: Resource,
  pattern: string,
  { namespace, sidecar }: RouteViewer,
  mesh: Mesh,
): readonly RouteClaim[] {
  const group = exportGroup(resource, namespace, mesh);
  const seen =
    group !== undefined &&
    isMeshBound(resource) &&
    isDiscovered(resource.namespace, mesh) &&
    importsRoute(sidecar, namespace, { namespace: resource.namespace, host: pattern }, mesh);
  return seen ? [{ resource, pattern, group }] : [];
}
