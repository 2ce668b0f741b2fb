import type { Resource } from '../core/resource.ts';
import { hostOwner, isForeign, type HostOwner } from './host-owner.ts';
import type { Mesh } from './mesh.ts';
import { hasRivals, isMeshBound, routedHosts } from './route-claims.ts';
import { foreignConflict, lostRoutes, type RouteOutcome } from './route-outcomes.ts';
import { routeViews } from './route-views.ts';

/** What becomes of a VirtualService's host where somebody else has to do with it. */
export interface RouteConflict extends RouteOutcome {
  readonly host: string;
  readonly index: number;
  readonly owner: HostOwner;
}

/**
 * The hosts of a VirtualService for which another namespace's proxies, or other VirtualServices, come into play. One
 * that only its own namespace's clients see takes nothing from anybody, so it is no conflict.
 * Costs O(VirtualServices of the hosts · groups of clients in the namespaces that they name).
 */
export function routeConflicts(
  resource: Resource,
  trusted: readonly string[],
  mesh: Mesh,
): readonly RouteConflict[] {
  if (!isMeshBound(resource)) {
    return [];
  }
  return routedHosts(resource, mesh).flatMap(({ host, index }) => {
    const owner = hostOwner(host, mesh);
    const foreign = isForeign(resource.namespace, owner, trusted, mesh);
    if (!foreign && !hasRivals(resource, host, mesh)) {
      return [];
    }
    const views = routeViews(resource, host, owner, mesh);
    const conflict = foreign
      ? foreignConflict(resource, views, owner)
      : lostRoutes(resource, views, (namespace) => isForeign(namespace, owner, trusted, mesh));
    return conflict === undefined ? [] : [{ ...conflict, host, index, owner }];
  });
}
