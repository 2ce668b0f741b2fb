import { listIn, numberIn, objectIn, stringIn, type Json } from '../core/json.ts';
import { pointer, type Pointer } from '../core/pointer.ts';
import { compareAge, type Resource } from '../core/resource.ts';
import { exportGroup } from './exports.ts';
import { gatewayReference, gatewaysOfMatch } from './gateway-names.ts';
import { rulesReadBy, takesHost, type GatewayServer } from './gateway-servers.ts';
import { resolveHost } from './hosts.ts';
import { gatewayKey } from './keys.ts';
import { clusterDomain } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';

/** Where a rule sends connections. */
export interface RouteDestination {
  readonly host: string;
  readonly port: number | undefined;
  readonly weight: number | undefined;
}

/** A rule of a VirtualService that applies to a server. */
export interface BoundRule {
  readonly virtualService: Resource;
  readonly at: Pointer;
  readonly destinations: readonly RouteDestination[];
  /** The SNIs that it is for; empty for rules other than `tls`, which are one for each match. */
  readonly serverNames: readonly string[];
}

/**
 * The VirtualServices that a Gateway's proxies read, in istiod's order: exported by `.` or by name to the namespace of
 * the proxy before public, then the oldest. All of them where that namespace is unknown.
 * Source: Istio `pilot/pkg/model/push_context.go` VirtualServicesForGateway, observed.
 */
function boundTo(
  gateway: Resource,
  proxyNamespace: string | undefined,
  mesh: Mesh,
): readonly Resource[] {
  const bound = [...mesh.byKey('VirtualService', gatewayKey(gatewayReference(gateway)))].sort(
    compareAge,
  );
  if (proxyNamespace === undefined) {
    return bound;
  }
  return (['private', 'public'] as const).flatMap((group) =>
    bound.filter((candidate) => exportGroup(candidate, proxyNamespace, mesh) === group),
  );
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

/** The hosts that a VirtualService is for, completed. */
export function routedHosts(virtualService: Resource, mesh: Mesh): readonly string[] {
  return listIn(virtualService.object, 'spec', 'hosts').flatMap((host) =>
    typeof host === 'string'
      ? [resolveHost(host, virtualService.namespace, clusterDomain(mesh))]
      : [],
  );
}

/** Whether a server takes some host of a VirtualService. */
export function routesHostOf(server: GatewayServer, virtualService: Resource, mesh: Mesh): boolean {
  return routedHosts(virtualService, mesh).some((host) =>
    takesHost(server, host, virtualService.namespace),
  );
}

/** The destinations of a rule, hosts completed. */
export function destinationsOf(
  rule: Json,
  virtualService: Resource,
  mesh: Mesh,
): readonly RouteDestination[] {
  return listIn(rule, 'route').map((route) => {
    const destination = objectIn(route, 'destination');
    const host = stringIn(destination, 'host') ?? '';
    return {
      host: resolveHost(host, virtualService.namespace, clusterDomain(mesh)),
      port: numberIn(destination, 'port', 'number'),
      weight: numberIn(route, 'weight'),
    };
  });
}

/** The SNIs of a `tls` match. */
export function serverNamesOf(match: unknown): readonly string[] {
  return listIn(match, 'sniHosts').flatMap((name) =>
    typeof name === 'string' ? [name.toLowerCase()] : [],
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
