import { listIn, numberIn, objectIn, stringIn, type Json } from '../core/json.ts';
import type { Resource } from '../core/resource.ts';
import { resolveHost } from './hosts.ts';
import { clusterDomain } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';

/** Where a rule sends connections. */
export interface RouteDestination {
  readonly host: string;
  readonly port: number | undefined;
  readonly weight: number | undefined;
}

/** The hosts that a VirtualService is for, completed. */
export function routedHosts(virtualService: Resource, mesh: Mesh): readonly string[] {
  return listIn(virtualService.object, 'spec', 'hosts').flatMap((host) =>
    typeof host === 'string'
      ? [resolveHost(host, virtualService.namespace, clusterDomain(mesh))]
      : [],
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
