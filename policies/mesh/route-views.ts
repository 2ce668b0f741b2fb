import type { Resource } from '../core/resource.ts';
import { clusterOf } from './clusters.ts';
import { consumersIn, type Consumer } from './consumers.ts';
import { namespacesExportedTo } from './exports.ts';
import type { HostOwner } from './host-owner.ts';
import { hostKey } from './keys.ts';
import type { Mesh } from './mesh.ts';
import { claimsOn, routeAlike, type RouteClaim } from './route-claims.ts';

/** What one group of clients sees of a host: the VirtualServices for it in their order, and the judged one among them. */
export interface RouteView {
  readonly client: Consumer;
  readonly claims: readonly [RouteClaim, ...RouteClaim[]];
  readonly own: RouteClaim;
}

/** The clients that see a VirtualService for a host, as far as they are in the namespaces that its rivals name. */
export function routeViews(
  resource: Resource,
  host: string,
  owner: HostOwner,
  mesh: Mesh,
): readonly RouteView[] {
  const named = new Set([resource.namespace, ...owner.namespaces]);
  for (const rival of [resource, ...mesh.byKey('VirtualService', hostKey('', host))]) {
    named.add(rival.namespace);
    for (const namespace of namespacesExportedTo(rival, mesh)) {
      named.add(namespace);
    }
  }
  return consumersIn(named, mesh).flatMap((client) => {
    const claims = claimsOn(host, client, mesh).filter(
      (claim) =>
        clusterOf(claim.resource) === clusterOf(resource) && routeAlike(claim.resource, resource),
    );
    const own = claims.find((claim) => claim.resource === resource);
    const [first, ...rest] = claims;
    return own === undefined || first === undefined
      ? []
      : [{ client, claims: [first, ...rest], own }];
  });
}
