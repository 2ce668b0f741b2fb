import { listIn, type Json } from '../core/json.ts';
import { compareAge, compareText, type Resource } from '../core/resource.ts';
import type { Consumer } from './consumers.ts';
import { rangeKey, readRange } from './ip.ts';
import type { Mesh } from './mesh.ts';
import { isHttp, wildcardBind, type SocketMatch } from './outbound-sockets.ts';
import type { RegistryService } from './registry.ts';
import { claimsOn } from './route-claims.ts';
import { isMatchFor } from './route-matches.ts';
import { listenerImportsRoute } from './sidecar-scope.ts';

/** What a filter chain of a listener is for; two chains with the same match cannot be on one listener. */
export interface ChainMatch {
  /** Only what was sniffed as HTTP. */
  readonly http: boolean;
  /** The server names (SNI), sorted; none where it takes them all. */
  readonly serverNames: readonly string[];
  /** The masked CIDRs, sorted; none where it takes every destination. */
  readonly ranges: readonly string[];
}

/**
 * How connections to a host are told from others on a socket: TLS and raw ones by its VirtualServices, else by itself;
 * HTTP by its first bytes, but on an address that a Sidecar's catch-all binds by nothing at all.
 */
export function chainsOn(
  service: RegistryService,
  place: SocketMatch,
  listener: Json,
  consumer: Consumer,
  mesh: Mesh,
): readonly ChainMatch[] {
  const http = { http: place.bind === wildcardBind, serverNames: [], ranges: [] };
  if (isHttp(service.protocol)) {
    return [http];
  }
  const routes = routesOf(service, listener, consumer, mesh);
  const own = { http: false, serverNames: [], ranges: place.range === '' ? [] : [place.range] };
  if (service.protocol === 'TLS' || service.protocol === 'HTTPS') {
    return tlsChains(service, routes, consumer, {
      ...own,
      serverNames: place.shared ? [service.host] : [],
    });
  }
  const raw = rawChains(service, routes, consumer, own);
  return service.protocol === 'sniffed' ? [...raw, { ...http, http: true }] : raw;
}

/** One text for equal matches. */
export function matchKey({ http, serverNames, ranges }: ChainMatch): string {
  return `${http ? 'http' : ''}|${serverNames.join(',')}|${ranges.join(',')}`;
}

/** The VirtualServices for a host that a listener imports, in istiod's order; all of them make chains. */
function routesOf(
  { host }: RegistryService,
  listener: Json,
  consumer: Consumer,
  mesh: Mesh,
): readonly Resource[] {
  const seen = claimsOn(host, consumer, mesh)
    .filter(({ resource: { namespace }, pattern }) =>
      listenerImportsRoute(listener, consumer.namespace, { namespace, host: pattern }, mesh),
    )
    .sort(
      (left, right) =>
        compareText(left.group, right.group) || compareAge(left.resource, right.resource),
    )
    .map(({ resource }) => resource);
  return [...new Set(seen)];
}

function tlsChains(
  service: RegistryService,
  routes: readonly Resource[],
  consumer: Consumer,
  own: ChainMatch,
): readonly ChainMatch[] {
  const chains = new Map<string, ChainMatch>();
  // Istio keeps the subnets of a match for those after it.
  let { ranges } = own;
  for (const match of matchesOf('tls', service, routes, consumer).flat()) {
    const names = textsIn(match, 'sniHosts');
    const subnets = textsIn(match, 'destinationSubnets');
    ranges = subnets.length > 0 ? masked(subnets) : ranges;
    const key = `${names.join(',')}|${subnets.join(',')}`;
    if (!chains.has(key)) {
      chains.set(key, {
        http: false,
        serverNames: names.filter((name) => name !== '*').sort(),
        ranges,
      });
    }
  }
  return chains.size > 0 ? [...chains.values()] : [own];
}

/** A route for every destination ends the list; before it each route with subnets has a chain. */
function rawChains(
  service: RegistryService,
  routes: readonly Resource[],
  consumer: Consumer,
  own: ChainMatch,
): readonly ChainMatch[] {
  const chains: ChainMatch[] = [];
  for (const matches of matchesOf('tcp', service, routes, consumer)) {
    if (matches.some((match) => listIn(match, 'destinationSubnets').length === 0)) {
      return [...chains, own];
    }
    const subnets = masked(matches.flatMap((match) => textsIn(match, 'destinationSubnets')));
    if (subnets.length > 0) {
      chains.push({ http: false, serverNames: [], ranges: subnets });
    }
  }
  return [...chains, own];
}

/** The matches of each rule that apply to a consumer on a port; a rule without any matches everything. */
function matchesOf(
  section: 'tls' | 'tcp',
  { port }: RegistryService,
  routes: readonly Resource[],
  consumer: Consumer,
): readonly (readonly Json[])[] {
  return routes.flatMap(({ object }) =>
    listIn(object, 'spec', section)
      .filter((rule) => listIn(rule, 'route').length > 0)
      .map((rule) => {
        const matches = listIn(rule, 'match');
        return matches.length === 0 && section === 'tcp'
          ? [{}]
          : matches.filter((match) => isMatchFor(match, port, consumer));
      }),
  );
}

function textsIn(match: Json, field: string): readonly string[] {
  return listIn(match, field).filter((text): text is string => typeof text === 'string');
}

function masked(subnets: readonly string[]): readonly string[] {
  const keys = subnets.flatMap((subnet) => {
    const range = readRange(subnet);
    return range === undefined || range.length === 0 ? [] : [rangeKey(range)];
  });
  return [...new Set(keys)].sort();
}
