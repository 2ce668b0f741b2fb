import { listIn, objectIn, stringIn, type Json } from '../core/json.ts';
import { compareAge, type Resource } from '../core/resource.ts';
import { hostMatches, resolveHost } from './hosts.ts';
import { destinationKey, hostKey } from './keys.ts';
import { clusterDomain } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';

/** Which clusters of a host HTTP clients use: subsets by name, and the host itself where `whole`. */
export interface UsedClusters {
  readonly whole: boolean;
  readonly subsets: ReadonlySet<string>;
}

/**
 * The hosts whose DestinationRules govern raw connections that end at `host`. A TCP listener takes the rule of the
 * first destination of its route, for all destinations of it. Costs O(VirtualServices that name the host).
 */
export function tcpRuleHosts(host: string, mesh: Mesh): ReadonlySet<string> {
  const hosts = new Set<string>();
  let routed = false;
  for (const virtualService of virtualServicesAround(host, mesh)) {
    const own = ownsHost(virtualService, host, mesh);
    for (const rule of [
      ...listIn(virtualService.object, 'spec', 'tcp'),
      ...listIn(virtualService.object, 'spec', 'tls'),
    ]) {
      routed ||= own;
      const destinations = destinationsOf(rule, virtualService, mesh).map(({ host: name }) => name);
      if (destinations.includes(host)) {
        hosts.add(destinations[0] ?? host);
      }
    }
  }
  return routed ? hosts : hosts.add(host);
}

/** The clusters of a host that HTTP routes of the mesh lead to; the host itself where nothing routes it. */
export function httpClusters(host: string, mesh: Mesh): UsedClusters {
  const subsets = new Set<string>();
  let whole = false;
  let routed = false;
  for (const virtualService of virtualServicesAround(host, mesh)) {
    const own = ownsHost(virtualService, host, mesh);
    for (const rule of listIn(virtualService.object, 'spec', 'http')) {
      routed ||= own;
      for (const destination of destinationsOf(rule, virtualService, mesh)) {
        if (destination.host !== host) {
          continue;
        }
        if (destination.subset === undefined) {
          whole = true;
        } else {
          subsets.add(destination.subset);
        }
      }
    }
  }
  return { whole: whole || !routed, subsets };
}

function virtualServicesAround(host: string, mesh: Mesh): readonly Resource[] {
  const found = new Set([
    ...mesh.byKey('VirtualService', hostKey('', host)),
    ...mesh.byKey('VirtualService', destinationKey(host)),
  ]);
  return [...found].sort(compareAge);
}

function ownsHost(virtualService: Resource, host: string, mesh: Mesh): boolean {
  const gateways = listIn(virtualService.object, 'spec', 'gateways');
  if (gateways.length > 0 && !gateways.includes('mesh')) {
    return false;
  }
  return listIn(virtualService.object, 'spec', 'hosts').some(
    (written) =>
      typeof written === 'string' &&
      hostMatches(resolveHost(written, virtualService.namespace, clusterDomain(mesh)), host),
  );
}

function destinationsOf(
  rule: Json,
  virtualService: Resource,
  mesh: Mesh,
): readonly { readonly host: string; readonly subset: string | undefined }[] {
  return listIn(rule, 'route').map((route) => {
    const destination = objectIn(route, 'destination');
    return {
      host: resolveHost(
        stringIn(destination, 'host') ?? '',
        virtualService.namespace,
        clusterDomain(mesh),
      ),
      subset: stringIn(destination, 'subset'),
    };
  });
}
