import { listIn, numberIn, type Json } from '../core/json.ts';
import { pointer, type Pointer } from '../core/pointer.ts';
import type { Resource } from '../core/resource.ts';
import { gatewaysOfMatch, namedGateways } from './gateway-names.ts';
import type { Mesh } from './mesh.ts';
import { destinationsOf, serverNamesOf, type RouteDestination } from './route-destinations.ts';

/** One match of a `tls` rule with where the rule leads: half of the way of a host through an egress gateway. */
export interface Leg {
  readonly at: Pointer;
  readonly rule: Pointer;
  /** The Gateways, or `mesh`, that the match is for and the VirtualService is bound to. */
  readonly gateways: readonly string[];
  /** Those that the match names, bound or not. */
  readonly named: readonly string[];
  readonly serverNames: readonly string[];
  readonly port: number | undefined;
  readonly destination: RouteDestination;
}

/** The matches of a VirtualService's `tls` rules with their destinations. */
export function legsOf(virtualService: Resource, mesh: Mesh): readonly Leg[] {
  return listIn(virtualService.object, 'spec', 'tls').flatMap((rule, ruleIndex) => {
    const [destination] = destinationsOf(rule, virtualService, mesh);
    return listIn(rule, 'match').flatMap((match: Json, index) =>
      destination === undefined
        ? []
        : [
            {
              at: pointer('spec', 'tls', ruleIndex, 'match', index),
              rule: pointer('spec', 'tls', ruleIndex),
              gateways: gatewaysOfMatch(match, virtualService),
              named: namedGateways(match, virtualService),
              serverNames: serverNamesOf(match),
              port: numberIn(match, 'port'),
              destination,
            },
          ],
    );
  });
}
