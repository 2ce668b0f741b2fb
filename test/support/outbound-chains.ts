import { listIn, stringIn, type Json } from '../../policies/core/json.ts';
import { chainsOf, filterOf, type ProxyXds } from './oracle.ts';

const inner: ReadonlySet<string> = new Set(['virtualOutbound', 'virtualInbound']);

/**
 * Where a proxy's outbound listeners lead, a line for each chain: `0.0.0.0_443 sni=a.example.com -> b`, with the host of
 * the cluster (and its port where it is another one than the listener's), `(absent)` where there is no such cluster.
 */
export function outboundChains(xds: ProxyXds): readonly string[] {
  const clusters = new Set(xds.clusters.map((cluster) => stringIn(cluster, 'name')));
  return xds.listeners
    .filter((listener) => !inner.has(stringIn(listener, 'name') ?? ''))
    .flatMap((listener) => {
      const name = stringIn(listener, 'name') ?? '';
      return chainsOf(listener).map(
        (chain) => `${name}${matchOf(chain)} -> ${targetOf(chain, name, clusters)}`,
      );
    });
}

function matchOf(chain: Json): string {
  const names = listIn(chain, 'filterChainMatch', 'serverNames').filter(
    (name): name is string => typeof name === 'string',
  );
  const ranges = listIn(chain, 'filterChainMatch', 'prefixRanges').map(
    (range) => stringIn(range, 'addressPrefix') ?? '',
  );
  return [
    names.length > 0 ? ` sni=${names.join(',')}` : '',
    ranges.length > 0 ? ` to=${ranges.join(',')}` : '',
  ].join('');
}

function targetOf(
  chain: Json,
  listener: string,
  clusters: ReadonlySet<string | undefined>,
): string {
  const proxy = filterOf(chain, 'tcp_proxy');
  const weighted = listIn(proxy, 'weightedClusters', 'clusters');
  const targets =
    proxy === undefined
      ? []
      : [stringIn(proxy, 'cluster'), ...weighted.map((entry) => stringIn(entry, 'name'))];
  const named = targets.flatMap((cluster) =>
    cluster === undefined ? [] : [describeCluster(cluster, listener, clusters)],
  );
  return named.length > 0 ? named.join(' + ') : 'http';
}

function describeCluster(
  cluster: string,
  listener: string,
  clusters: ReadonlySet<string | undefined>,
): string {
  const [, port = '', , host = cluster] = cluster.split('|');
  const said = port === '' || listener.endsWith(`_${port}`) ? host : `${host}:${port}`;
  return clusters.has(cluster) ? said : `${said} (absent)`;
}
