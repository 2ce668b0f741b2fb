import { listIn, numberIn } from '../core/json.ts';
import { pointer, type Pointer } from '../core/pointer.ts';
import type { Resource } from '../core/resource.ts';
import { boundTo } from './gateway-bound-routes.ts';
import { gatewayReference, gatewaysOfMatch } from './gateway-names.ts';
import { rulesReadBy } from './gateway-server-kinds.ts';
import { takesHost, type GatewayServer } from './gateway-servers.ts';
import type { Mesh } from './mesh.ts';
import {
  type RouteDestination,
  routedHosts,
  destinationsOf,
  serverNamesOf,
} from './route-destinations.ts';

/** A rule of a VirtualService that applies to a server. */
export interface BoundRule {
  readonly virtualService: Resource;
  readonly at: Pointer;
  readonly destinations: readonly RouteDestination[];
  /** The SNIs that it is for; empty for rules other than `tls`, which are one for each match. */
  readonly serverNames: readonly string[];
}

/** The rules that apply to a server, in the order in which istiod reads them. */
export function rulesFor(
  server: GatewayServer,
  proxyNamespace: string | undefined,
  mesh: Mesh,
): readonly BoundRule[] {
  const protocol = rulesReadBy[server.kind];
  if (protocol === undefined) {
    return [];
  }
  return boundTo(server.gateway, proxyNamespace, mesh)
    .filter((virtualService) => routesHostOf(server, virtualService, mesh))
    .flatMap((virtualService) => matchingRules(protocol, server, virtualService, mesh));
}

/** Whether a server takes some host of a VirtualService. */
export function routesHostOf(server: GatewayServer, virtualService: Resource, mesh: Mesh): boolean {
  return routedHosts(virtualService, mesh).some((host) =>
    takesHost(server, host, virtualService.namespace),
  );
}

function matchingRules(
  protocol: 'http' | 'tcp' | 'tls',
  server: GatewayServer,
  virtualService: Resource,
  mesh: Mesh,
): readonly BoundRule[] {
  const own = gatewayReference(server.gateway);
  return listIn(virtualService.object, 'spec', protocol).flatMap((rule, index) => {
    const declared = listIn(rule, 'match');
    const matches = declared.length === 0 && protocol !== 'tls' ? [{}] : declared;
    const applying = matches.filter(
      (match) =>
        (numberIn(match, 'port') ?? server.port) === server.port &&
        gatewaysOfMatch(match, virtualService).includes(own),
    );
    const bound = { virtualService, destinations: destinationsOf(rule, virtualService, mesh) };
    const at = pointer('spec', protocol, index);
    if (protocol === 'tls') {
      return applying.map((match) => ({ ...bound, at, serverNames: serverNamesOf(match) }));
    }
    return applying.length === 0 ? [] : [{ ...bound, at, serverNames: [] }];
  });
}
