import { spawn } from 'node:child_process';
import { listIn, objectIn, stringIn, valueIn, type Json } from '../../policies/core/json.ts';
import { readTestEnvironment } from './environment.ts';

/** What istiod sends a proxy: Envoy's own messages as JSON. */
export interface ProxyXds {
  readonly listeners: readonly Json[];
  readonly routes: readonly Json[];
  readonly clusters: readonly Json[];
  readonly endpoints: readonly Json[];
}

const longestRunMilliseconds = 100_000;

/** The real Istio, or the reason why a test that needs it must be skipped. */
export function findOracle(): { readonly program: string } | { readonly missing: string } {
  const program = readTestEnvironment().istioOracle;
  return program === undefined ? { missing: 'ISTIO_ORACLE names no Istio binary' } : { program };
}

/**
 * What is asked beside the mesh: `--router` for a gateway, `--dns-capture` for a proxy that captures DNS, `--network`
 * for the network that the proxy takes itself for.
 */
export type ProxyFlag = '--router' | '--dns-capture' | `--network=${string}`;

/** What the real istiod would send the proxy of a Pod (`namespace/name`) in a mesh. Takes about half a second. */
export async function xdsOf(
  program: string,
  proxy: string,
  yaml: string,
  flags: readonly ProxyFlag[] = [],
): Promise<ProxyXds> {
  const args = ['xds', '--raw', '--proxy', proxy, ...flags];
  const answer = JSON.parse(await run(program, args, yaml)) as Json;
  return {
    listeners: listIn(answer, 'listeners'),
    routes: listIn(answer, 'routes'),
    clusters: listIn(answer, 'clusters'),
    endpoints: listIn(answer, 'endpoints'),
  };
}

/** What the real istioctl says of manifests: the lines of its errors and warnings; none where all is well. */
export async function complaintsOf(program: string, yaml: string): Promise<readonly string[]> {
  const args = ['istioctl', 'validate', '-f', '-'];
  const text = await run(program, args, yaml, [0, 1]);
  return text.split('\n').filter((line) => line.includes(' * ') || line.includes('\t* '));
}

/** A cluster to which a proxy sends, and the life that it gives connections on the way there. */
export interface Way {
  readonly cluster: string;
  readonly protocol: 'tcp' | 'http';
  /** As Envoy has it: `60s`; undefined where nothing ends the connection. */
  readonly ttl: string | undefined;
}

/** Every way by which a proxy's outbound listeners lead to clusters. */
export function waysOut(xds: ProxyXds): readonly Way[] {
  const ttlOf = new Map(
    xds.clusters.map((cluster) => [stringIn(cluster, 'name') ?? '', clusterTtl(cluster)]),
  );
  const outbound = xds.listeners.filter(
    (listener) => stringIn(listener, 'trafficDirection') === 'OUTBOUND',
  );
  const tcp = outbound.flatMap(tcpWays);
  const routed = xds.routes.flatMap((route) => listIn(route, 'virtualHosts')).flatMap(httpClusters);
  const http = routed.map((cluster) => ({
    cluster,
    protocol: 'http' as const,
    ttl: ttlOf.get(cluster),
  }));
  return [...tcp, ...http];
}

/** The addresses behind a cluster. */
export function addressesOf(xds: ProxyXds, cluster: string): readonly string[] {
  const found = xds.endpoints.find((entry) => stringIn(entry, 'clusterName') === cluster);
  return listIn(found, 'endpoints')
    .flatMap((locality) => listIn(locality, 'lbEndpoints'))
    .flatMap((entry) => stringIn(entry, 'endpoint', 'address', 'socketAddress', 'address') ?? []);
}

/** The filter chains of a listener, the default one last. */
export function chainsOf(listener: Json): readonly Json[] {
  const last = valueIn(listener, 'defaultFilterChain');
  return [...listIn(listener, 'filterChains'), ...(last === undefined ? [] : [last])];
}

/** The configuration of a chain's network filter, or undefined where it has none of that name. */
export function filterOf(chain: Json, name: string): Json | undefined {
  const filter = listIn(chain, 'filters').find(
    (candidate) => stringIn(candidate, 'name') === `envoy.filters.network.${name}`,
  );
  return valueIn(filter, 'typedConfig');
}

function tcpWays(listener: Json): readonly Way[] {
  return chainsOf(listener).flatMap((chain) => {
    const proxy = filterOf(chain, 'tcp_proxy');
    const weighted = listIn(proxy, 'weightedClusters', 'clusters').map(
      (entry) => stringIn(entry, 'name') ?? '',
    );
    const single = stringIn(proxy, 'cluster');
    return [...weighted, ...(single === undefined ? [] : [single])].map((cluster) => ({
      cluster,
      protocol: 'tcp' as const,
      ttl: stringIn(proxy, 'maxDownstreamConnectionDuration'),
    }));
  });
}

function httpClusters(virtualHost: Json): readonly string[] {
  return listIn(virtualHost, 'routes').flatMap((route) => {
    const action = objectIn(route, 'route');
    const single = stringIn(action, 'cluster');
    const weighted = listIn(action, 'weightedClusters', 'clusters').flatMap(
      (entry) => stringIn(entry, 'name') ?? [],
    );
    return single === undefined ? weighted : [single];
  });
}

function clusterTtl(cluster: Json): string | undefined {
  return stringIn(
    cluster,
    'typedExtensionProtocolOptions',
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
    'commonHttpProtocolOptions',
    'maxConnectionDuration',
  );
}

function run(
  program: string,
  args: readonly string[],
  input: string,
  good: readonly number[] = [0],
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { timeout: longestRunMilliseconds, killSignal: 'SIGKILL' });
    let output = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
    child.on('error', reject);
    child.on('close', (code) => {
      if (good.includes(code ?? -1)) resolve(good.length > 1 ? `${output}\n${complaint}` : output);
      else
        reject(
          new Error(`${program} ${args.join(' ')} ended with ${code}: ${complaint.slice(-2000)}`),
        );
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
