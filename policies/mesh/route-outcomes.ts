import type { Resource } from '../core/resource.ts';
import type { Consumer } from './consumers.ts';
import type { HostOwner } from './host-owner.ts';
import type { RouteView } from './route-views.ts';

/** What becomes of a VirtualService for some clients of a host. */
export interface RouteOutcome {
  /**
   * `taken`: it routes another namespace's host in place of the owner's own VirtualService; `foreign`: it routes such
   * a host, which the owner does not route; `unused`: it would, but another comes first; `lost`: it speaks for its own
   * host, or for one that nobody owns, and another comes first.
   */
  readonly outcome: 'taken' | 'foreign' | 'unused' | 'lost';
  readonly winner: Resource;
  readonly loser: Resource | undefined;
  /** The clients for whom it is so. */
  readonly clients: readonly Consumer[];
}

/** What becomes of a route for a host of another namespace; undefined where no other namespace's clients see it. */
export function foreignConflict(
  resource: Resource,
  views: readonly RouteView[],
  owner: HostOwner,
): RouteOutcome | undefined {
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
export function lostRoutes(
  resource: Resource,
  views: readonly RouteView[],
  foreign: (namespace: string) => boolean,
): RouteOutcome | undefined {
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
