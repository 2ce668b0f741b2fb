import type { Resource } from '../core/resource.ts';
import { clusterOf } from './clusters.ts';
import { consumersIn, type Consumer } from './consumers.ts';
import { namespacesExportedTo } from './exports.ts';
import { hostOwner, isForeign, type HostOwner } from './host-owner.ts';
import { hostKey } from './keys.ts';
import type { Mesh } from './mesh.ts';
import { claimsOn, isMeshBound, routeAlike, routedHosts, type RouteClaim } from './route-claims.ts';

/** What becomes of a VirtualService's host where somebody else has to do with it. */
export interface RouteConflict {
  /**
   * `taken`: it routes another namespace's host in place of the owner's own VirtualService; `foreign`: it routes such
   * a host, which the owner does not route; `unused`: it would, but another comes first; `lost`: it speaks for its own
   * host, or for one that nobody owns, and another comes first.
   */
  readonly outcome: 'taken' | 'foreign' | 'unused' | 'lost';
  readonly host: string;
  readonly index: number;
  readonly owner: HostOwner;
  readonly winner: Resource;
  readonly loser: Resource | undefined;
  /** The clients for whom it is so. */
  readonly clients: readonly Consumer[];
}

interface View {
  readonly client: Consumer;
  readonly claims: readonly [RouteClaim, ...RouteClaim[]];
  readonly own: RouteClaim;
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
    const views = viewsOf(resource, host, owner, mesh);
    const conflict = isForeign(resource.namespace, owner, trusted, mesh)
      ? foreignConflict(resource, views, owner)
      : lostRoutes(resource, views, (namespace) => isForeign(namespace, owner, trusted, mesh));
    return conflict === undefined ? [] : [{ ...conflict, host, index, owner }];
  });
}

function viewsOf(resource: Resource, host: string, owner: HostOwner, mesh: Mesh): readonly View[] {
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

type Outcome = Omit<RouteConflict, 'host' | 'index' | 'owner'>;

function foreignConflict(
  resource: Resource,
  views: readonly View[],
  owner: HostOwner,
): Outcome | undefined {
  const others = views.filter(({ client }) => client.namespace !== resource.namespace);
  const won = others.filter(({ claims: [first] }) => first.resource === resource);
  if (won.length > 0) {
    const rival = won
      .flatMap(({ claims }) => claims)
      .find((claim) => owner.namespaces.has(claim.resource.namespace));
    return {
      outcome: rival === undefined ? 'foreign' : 'taken',
      winner: resource,
      loser: rival?.resource,
      clients: won.map(({ client }) => client),
    };
  }
  const [view] = others;
  return view === undefined
    ? undefined
    : {
        outcome: 'unused',
        winner: view.claims[0].resource,
        loser: resource,
        clients: others.map(({ client }) => client),
      };
}

/** Routes that lose to an equal rival; a foreign rival is told itself, and a more private one was meant to win. */
function lostRoutes(
  resource: Resource,
  views: readonly View[],
  foreign: (namespace: string) => boolean,
): Outcome | undefined {
  const lost = views.filter(({ claims: [first], own }) => {
    const rival = first.resource;
    return (
      rival !== resource &&
      first.pattern === own.pattern &&
      first.group === own.group &&
      (rival.namespace === resource.namespace || !foreign(rival.namespace))
    );
  });
  const [view] = lost;
  return view === undefined
    ? undefined
    : {
        outcome: 'lost',
        winner: view.claims[0].resource,
        loser: resource,
        clients: lost.map(({ client }) => client),
      };
}
