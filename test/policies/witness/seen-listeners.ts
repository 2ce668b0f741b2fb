import { listIn, numberIn, stringIn, type Json } from '../../../policies/core/json.ts';
import type { KindName } from '../../../policies/core/kinds.ts';
import type { Resource } from '../../../policies/core/resource.ts';
import { consumerOf, type Consumer } from '../../../policies/mesh/consumers.ts';
import { rangeKey, readRange } from '../../../policies/mesh/ip.ts';
import type { Mesh } from '../../../policies/mesh/mesh.ts';
import {
  droppedOnPort,
  listenersOnPort,
  type DroppedService,
} from '../../../policies/mesh/outbound-listeners.ts';
import { isHttp, socketsOf } from '../../../policies/mesh/outbound-sockets.ts';
import { hostsOf, registryOnPort, type RegistryService } from '../../../policies/mesh/registry.ts';
import { egressListeners, listenerPort } from '../../../policies/mesh/sidecar-scope.ts';
import { readMesh } from '../../support/examples.ts';
import { chainsOf, filterOf, xdsOf, type ProxyXds } from '../../support/oracle.ts';
import type { ListenerMesh } from './random-listeners.ts';

/** What Istio and we say differently of a mesh: a line for each. */
export async function disagreements(
  program: string,
  given: ListenerMesh,
): Promise<{ readonly differences: readonly string[]; readonly compared: number }> {
  const flags = given.dnsCapture ? (['--dns-capture'] as const) : [];
  const xds = await xdsOf(program, given.client, given.yaml, flags);
  const { mesh, find } = readMesh(given.yaml, { dnsCapture: given.dnsCapture });
  const consumer = consumerOf(find(`Pod ${given.client}`), mesh);
  if (consumer === undefined) {
    return { differences: ['the client is no consumer'], compared: 0 };
  }
  const compared = given.ports.flatMap((port) => [
    ...compareChains(port, xds, consumer, mesh, given.redirects),
    ...compareDropped(port, xds, consumer, mesh, given.redirects),
    ...compareVisibility(port, xds, consumer, mesh),
  ]);
  return {
    differences: compared.flatMap(({ difference }) => difference ?? []),
    compared: compared.length,
  };
}

interface Comparison {
  readonly difference?: string;
}

/** Chains with their match and target; endpoints' own listeners are left out, as the model leaves them out. */
function compareChains(
  port: number,
  xds: ProxyXds,
  consumer: Consumer,
  mesh: Mesh,
  redirects: boolean,
): readonly Comparison[] {
  const real = seenChains(port, xds)
    .filter(({ listener }) => !isEndpoint(listener))
    .map((chain) => lineOf(chain, redirects));
  const ours = listenersOnPort(port, consumer, mesh).flatMap(({ bind, chains }) =>
    chains.map(({ http, serverNames, ranges, service }) =>
      lineOf(
        {
          listener: `${bind}_${String(port)}`,
          match: `sni=${serverNames.join(',')} to=${ranges.join(',')}`,
          host: http || isHttp(service.protocol) ? undefined : service.host,
        },
        redirects,
      ),
    ),
  );
  const all = [...new Set([...real, ...ours])].sort();
  return all
    .filter((line) => !isEndpoint(line))
    .map((line) => {
      if (real.includes(line) && ours.includes(line)) {
        return {};
      }
      return { difference: `${real.includes(line) ? 'only Istio' : 'only we'}: ${line}` };
    });
}

interface SeenChain {
  readonly listener: string;
  readonly match: string;
  /** Undefined for HTTP. */
  readonly host: string | undefined;
}

function lineOf({ listener, match, host }: SeenChain, redirects: boolean): string {
  if (host === undefined) {
    return `${listener} http`;
  }
  return `${listener} ${match}${redirects ? '' : ` -> ${host}`}`;
}

function seenChains(port: number, xds: ProxyXds): readonly SeenChain[] {
  return xds.listeners
    .filter((listener) => stringIn(listener, 'name')?.endsWith(`_${String(port)}`) === true)
    .filter((listener) => stringIn(listener, 'trafficDirection') === 'OUTBOUND')
    .flatMap((listener) => {
      const name = stringIn(listener, 'name') ?? '';
      return chainsOf(listener).flatMap((chain): readonly SeenChain[] => {
        if (filterOf(chain, 'http_connection_manager') !== undefined) {
          return [{ listener: name, match: '', host: undefined }];
        }
        const [direction, , , host] = (
          stringIn(filterOf(chain, 'tcp_proxy'), 'cluster') ?? ''
        ).split('|');
        return direction === 'outbound' ? [{ listener: name, match: matchOf(chain), host }] : [];
      });
    });
}

function matchOf(chain: Json): string {
  const names = listIn(chain, 'filterChainMatch', 'serverNames').map(String).sort();
  const ranges = listIn(chain, 'filterChainMatch', 'prefixRanges').flatMap((range) => {
    const text = `${stringIn(range, 'addressPrefix') ?? ''}/${String(numberIn(range, 'prefixLen') ?? 0)}`;
    const read = readRange(text);
    return read === undefined ? [] : [rangeKey(read)];
  });
  return `sni=${names.join(',')} to=${[...new Set(ranges)].sort().join(',')}`;
}

/** A listener of a Pod of a headless Service, or of an endpoint of an entry without resolution. */
function isEndpoint(listener: string): boolean {
  return listener.startsWith('10.8.') || listener.startsWith('192.0.2.');
}

/** Whoever is said to be dropped has no chain there, and the winner has one; whoever has none is said to be dropped. */
function compareDropped(
  port: number,
  xds: ProxyXds,
  consumer: Consumer,
  mesh: Mesh,
  redirects: boolean,
): readonly Comparison[] {
  if (redirects) {
    return [];
  }
  const chains = seenChains(port, xds);
  const dropped = droppedOnPort(port, consumer, mesh);
  const said = dropped.map(({ winner, loser, listener }): Comparison => {
    const there = chains.filter((chain) => chain.listener === listener);
    const has = (service: RegistryService): boolean =>
      there.some(
        ({ host }) => host === service.host || (host === undefined && isHttp(service.protocol)),
      );
    if (!has(loser) && has(winner)) {
      return {};
    }
    return {
      difference: `dropped ${loser.host} for ${winner.host} on ${listener}: has ${String(has(loser))}, winner has ${String(has(winner))}`,
    };
  });
  const silent = egressListeners(consumer.sidecar).some(
    (listener) => listenerPort(listener) !== undefined,
  )
    ? []
    : unreported(port, chains, dropped, consumer, mesh);
  return [...said, ...silent];
}

/**
 * Hosts that Istio gives no chain, and that we do not report: all with a raw protocol, and sniffed ones whose bytes
 * another host takes. Left out are ports that a Sidecar has for itself, and entries of several hosts or hosts of
 * several entries, which lose to themselves.
 */
function unreported(
  port: number,
  chains: readonly SeenChain[],
  dropped: readonly DroppedService[],
  consumer: Consumer,
  mesh: Mesh,
): readonly Comparison[] {
  return egressListeners(consumer.sidecar)
    .flatMap((listener) => registryOnPort(port, listener, consumer, mesh))
    .filter(({ protocol }) => !isHttp(protocol))
    .filter((service) =>
      socketsOf(service, consumer, mesh).some(
        ({ bind }) =>
          service.protocol !== 'sniffed' ||
          chains.some(
            ({ listener, match, host }) =>
              listener === `${bind}_${String(port)}` && match === 'sni= to=' && host !== undefined,
          ),
      ),
    )
    .filter(
      ({ host, resource }) => definitions(host, mesh) === 1 && hostsOf(resource, mesh).length === 1,
    )
    .map(({ host }) =>
      chains.some((chain) => chain.host === host) ||
      dropped.some(({ loser }) => loser.host === host)
        ? {}
        : { difference: `${host} ${String(port)} has no chain, and we do not say so` },
    );
}
/**
 * Istio makes a cluster for each host and port that the client sees. Left out are destinations of routes, which join
 * what it sees, and hosts of several objects: only the first one's ports have clusters where the others differ in
 * resolution, labels, exports or namespace.
 */
function compareVisibility(
  port: number,
  xds: ProxyXds,
  consumer: Consumer,
  mesh: Mesh,
): readonly Comparison[] {
  const real = new Set(
    xds.clusters.flatMap((cluster) => {
      const [direction, number, , host] = (stringIn(cluster, 'name') ?? '').split('|');
      return direction === 'outbound' && number === String(port) && host !== undefined
        ? [host]
        : [];
    }),
  );
  const ours = new Set(
    egressListeners(consumer.sidecar)
      .filter((listener) => (listenerPort(listener) ?? port) === port)
      .flatMap((listener) => registryOnPort(port, listener, consumer, mesh))
      .filter(({ protocol }) => protocol !== 'UDP')
      .map(({ host }) => host),
  );
  const routed = new Set(
    allOf('VirtualService', mesh).flatMap(({ object }) =>
      (['tls', 'tcp'] as const).flatMap((section) =>
        listIn(object, 'spec', section)
          .flatMap((rule) => listIn(rule, 'route'))
          .map((route) => stringIn(route, 'destination', 'host')),
      ),
    ),
  );
  return [...new Set([...real, ...ours])]
    .sort()
    .filter((host) => !routed.has(host) && definitions(host, mesh) === 1)
    .map((host) =>
      real.has(host) === ours.has(host)
        ? {}
        : {
            difference: `${real.has(host) ? 'only Istio sees' : 'only we see'} ${host} ${String(port)}`,
          },
    );
}

function allOf(kind: KindName, mesh: Mesh): readonly Resource[] {
  return [...mesh.namespacesWith(kind)].flatMap((namespace) => [
    ...mesh.inNamespace(kind, namespace),
  ]);
}

function definitions(host: string, mesh: Mesh): number {
  return [...allOf('ServiceEntry', mesh), ...allOf('Service', mesh)].filter((resource) =>
    hostsOf(resource, mesh).includes(host),
  ).length;
}
