import type { Json } from '../core/json.ts';
import { listIn, numberIn } from '../core/json.ts';
import { pointer, type Pointer } from '../core/pointer.ts';
import type { Resource } from '../core/resource.ts';
import { gatewaysOf, gatewaysOfMatch, meshGateway, namedGateways } from './gateway-names.ts';
import { gatewaysOn, proxiesBehind } from './gateway-proxies.ts';
import { destinationsOf, serverNamesOf, type RouteDestination } from './gateway-routes.ts';
import { hostMatches, isWildcardHost, wildcardsOver } from './hosts.ts';
import { hostKey } from './keys.ts';
import { clusterDomain } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';
import { serviceOfHost } from './services.ts';

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

/** The way of one external host out of the mesh, as a VirtualService declares it. */
export interface PassthroughChain {
  readonly virtualService: Resource;
  readonly host: string;
  /** What sends clients to the gateway, as far as the VirtualService is bound to the mesh. */
  readonly clientLegs: readonly Leg[];
  /** What sends the gateway to the host. */
  readonly gatewayLegs: readonly Leg[];
  /** Legs that say `mesh` although the VirtualService is not bound to it. */
  readonly unboundLegs: readonly Leg[];
  /** The Gateways that the VirtualService is bound to or names in a match. */
  readonly gateways: readonly string[];
}

/** The external hosts that a VirtualService leads, or means to lead, through a gateway without ending their TLS. */
export function chainsOf(virtualService: Resource, mesh: Mesh): readonly PassthroughChain[] {
  const legs = legsOf(virtualService, mesh);
  const gateways = [
    ...new Set([...gatewaysOf(virtualService), ...legs.flatMap(({ named }) => named)]),
  ].filter((name) => name !== meshGateway);
  const hosts = new Set(legs.flatMap(({ serverNames }) => serverNames));
  return [...hosts]
    .filter((host) => isExternal(host, mesh))
    .flatMap((host) => {
      const own = legs.filter(({ serverNames }) => serverNames.includes(host));
      const gatewayLegs = own.filter((leg) => leadsOut(leg, host, mesh));
      const inward = own.filter((leg) => leadsToGateway(leg, gatewayLegs.length > 0, mesh));
      const chain: PassthroughChain = {
        virtualService,
        host,
        clientLegs: inward.filter(({ gateways: bound }) => bound.includes(meshGateway)),
        unboundLegs: inward.filter(({ gateways: bound }) => !bound.includes(meshGateway)),
        gatewayLegs,
        gateways,
      };
      return gatewayLegs.length + inward.length === 0 ? [] : [chain];
    });
}

/** The ServiceEntries for a host, exact ones and wildcards over it. Costs O(labels of the host + entries found). */
export function entriesFor(host: string, mesh: Mesh): readonly Resource[] {
  return [host, ...wildcardsOver(host)].flatMap((pattern) => [
    ...mesh.byKey('ServiceEntry', hostKey('', pattern)),
  ]);
}

/** The VirtualServices for a host, exact ones and wildcards over it. */
export function virtualServicesFor(host: string, mesh: Mesh): readonly Resource[] {
  return [host, ...wildcardsOver(host)].flatMap((pattern) => [
    ...mesh.byKey('VirtualService', hostKey('', pattern)),
  ]);
}

/** Whether a host is none of the cluster's. */
export function isExternal(host: string, mesh: Mesh): boolean {
  return (
    host !== '*' &&
    host !== '' &&
    !host.endsWith(`.svc.${clusterDomain(mesh)}`) &&
    !host.endsWith('.svc.clusterset.local')
  );
}

/** The matches of a VirtualService's `tls` rules with their destinations. */
function legsOf(virtualService: Resource, mesh: Mesh): readonly Leg[] {
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

function leadsOut({ gateways, named, destination }: Leg, host: string, mesh: Mesh): boolean {
  const forGateway = [...gateways, ...named].some((name) => name !== meshGateway);
  const sameHost = hostMatches(host, destination.host) || hostMatches(destination.host, host);
  return forGateway && (sameHost || (isWildcardHost(host) && isExternal(destination.host, mesh)));
}

/** In the cluster, for sidecars, and a gateway as far as the inputs tell. */
function leadsToGateway(
  { gateways, named, destination }: Leg,
  hasGatewayLeg: boolean,
  mesh: Mesh,
): boolean {
  const forMesh = gateways.includes(meshGateway) || named.includes(meshGateway);
  if (!forMesh || isExternal(destination.host, mesh)) {
    return false;
  }
  const service = serviceOfHost(destination.host, mesh);
  return service === undefined
    ? hasGatewayLeg
    : proxiesBehind(service, mesh).some(({ labels }) => gatewaysOn(labels, mesh).length > 0) ||
        hasGatewayLeg;
}
