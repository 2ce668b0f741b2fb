import type { Resource } from '../core/resource.ts';
import { isExternal } from './external-hosts.ts';
import { gatewaysOf, meshGateway } from './gateway-names.ts';
import { gatewaysOn, proxiesBehind } from './gateway-proxies.ts';
import { hostMatches, isWildcardHost } from './hosts.ts';
import type { Mesh } from './mesh.ts';
import { serviceOfHost } from './services.ts';
import { legsOf, type Leg } from './tls-legs.ts';

/** The way of one external host out of the mesh, as a VirtualService declares it. */
export interface PassthroughChain {
  readonly virtualService: Resource;
  readonly host: string;
  /** All that is for the host, in the order in which Istio reads it. */
  readonly legs: readonly Leg[];
  /** What sends clients to the gateway, as far as the VirtualService is bound to the mesh. */
  readonly clientLegs: readonly Leg[];
  /** What sends the gateway to the host. */
  readonly gatewayLegs: readonly Leg[];
  /** What sends the gateway to another external host. */
  readonly strayLegs: readonly Leg[];
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
        legs: own,
        clientLegs: inward.filter(({ gateways: bound }) => bound.includes(meshGateway)),
        unboundLegs: inward.filter(({ gateways: bound }) => !bound.includes(meshGateway)),
        gatewayLegs,
        strayLegs: own.filter((leg) => leadsAstray(leg, host, mesh)),
        gateways,
      };
      return gatewayLegs.length + inward.length === 0 ? [] : [chain];
    });
}

function leadsOut(leg: Leg, host: string, mesh: Mesh): boolean {
  const { destination } = leg;
  return (
    isForGateway(leg) &&
    (isSameHost(leg, host) || (isWildcardHost(host) && isExternal(destination.host, mesh)))
  );
}

function leadsAstray(leg: Leg, host: string, mesh: Mesh): boolean {
  return isForGateway(leg) && !isSameHost(leg, host) && isExternal(leg.destination.host, mesh);
}

function isForGateway({ gateways, named }: Leg): boolean {
  return [...gateways, ...named].some((name) => name !== meshGateway);
}

function isSameHost({ destination }: Leg, host: string): boolean {
  return hostMatches(host, destination.host) || hostMatches(destination.host, host);
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
