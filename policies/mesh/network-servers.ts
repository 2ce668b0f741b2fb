import { listIn } from '../core/json.ts';
import { pointer, type Pointer } from '../core/pointer.ts';
import type { Resource } from '../core/resource.ts';
import { gatewaysOn, proxiesBehind, proxiesOf } from './gateway-proxies.ts';
import { bareHost, serversOf, type GatewayServer } from './gateway-servers.ts';
import { hostMatches, serviceHost } from './hosts.ts';
import { clusterDomain, meshConfig, protoMember } from './mesh-config.ts';
import { declaredNetworks } from './mesh-networks.ts';
import type { Mesh } from './mesh.ts';
import { gatewayPort, gatewayState } from './network-gateways.ts';
import { serverFault, type ServerFault } from './network-server-fault.ts';
import { portsOf } from './services.ts';
import { gatewayServices } from './networks.ts';
import { networkKey, networkLabel } from './topology-keys.ts';

/** The faults of a Gateway's servers. Costs O(what shares a label with its selector). */
export function serverFaults(gateway: Resource, mesh: Mesh): readonly ServerFault[] {
  const services = proxiesOf(gateway, mesh).flatMap((proxy) => proxy.services);
  const ports = new Set(services.filter(isNetworkGateway).map(gatewayPort));
  return serversOf(gateway).flatMap((server) => {
    const fault = serverFault(server, ports.has(server.port), mesh);
    return fault === undefined ? [] : [fault];
  });
}

/**
 * Whether the proxies behind the gateway Service of a network are known, and none of their Gateways has a server on
 * its port, so that nothing answers there.
 */
export function isUnanswered(service: Resource, mesh: Mesh): boolean {
  if (!isNetworkGateway(service) || gatewayState(service) !== 'usable') {
    return false;
  }
  const known = proxiesBehind(service, mesh).filter(
    ({ workload, labels }) =>
      workload !== undefined && !Object.hasOwn(labels, 'gateway.networking.k8s.io/gateway-name'),
  );
  const port = gatewayPort(service);
  return (
    known.length > 0 &&
    known.every(({ labels }) =>
      gatewaysOn(labels, mesh).every((gateway) =>
        serversOf(gateway).every((server) => server.port !== port),
      ),
    )
  );
}

/**
 * The hosts that the gateways of a network publish, none of which is a host that clients in other networks are sent there
 * for; undefined where one is, or where the inputs do not tell what all of its gateways publish.
 * Source: Istio `pilot/pkg/networking/core/gateway.go`, where the namespace of a server's host does not count.
 */
export function publishedBeside(
  host: string,
  network: string,
  mesh: Mesh,
): readonly string[] | undefined {
  const hosts = mesh.memo(network, 'publishedHosts', () => publishedHosts(network, mesh));
  return hosts === undefined ||
    hosts.some((pattern) => hostMatches(pattern, host)) ||
    isClusterLocal(host, mesh)
    ? undefined
    : hosts;
}

function publishedHosts(network: string, mesh: Mesh): readonly string[] | undefined {
  const elsewhere =
    mesh.facts.networksWithGateway?.includes(network) === true ||
    mesh.byKey('KubernetesGateway', networkKey(network)).size > 0 ||
    declaredNetworks(mesh).some(({ name, gateways }) => name === network && gateways.length > 0);
  const services = gatewayServices(network, mesh).filter(
    (service) => gatewayState(service) === 'usable',
  );
  const servers = services.map((service) => passingServers(service, mesh));
  return elsewhere || servers.some((found) => found.length === 0)
    ? undefined
    : [...new Set(servers.flat().flatMap(({ hosts }) => hosts.map(bareHost)))].sort();
}

function passingServers(service: Resource, mesh: Mesh): readonly GatewayServer[] {
  const port = gatewayPort(service);
  return proxiesBehind(service, mesh)
    .filter(({ workload }) => workload !== undefined)
    .flatMap(({ labels }) => gatewaysOn(labels, mesh))
    .flatMap(serversOf)
    .filter((server) => server.port === port && server.kind === 'auto-passthrough');
}

/** Clients of other clusters do not get such endpoints: by istiod's defaults, or by `serviceSettings`. */
function isClusterLocal(host: string, mesh: Mesh): boolean {
  const local = listIn(protoMember(meshConfig(mesh), 'serviceSettings'))
    .filter((setting) => protoMember(protoMember(setting, 'settings'), 'clusterLocal') === true)
    .flatMap((setting) => listIn(setting, 'hosts'));
  return [
    ...local,
    `*.kube-system.svc.${clusterDomain(mesh)}`,
    serviceHost('kubernetes', 'default', clusterDomain(mesh)),
  ].some((pattern) => typeof pattern === 'string' && hostMatches(pattern, host));
}

/** Where a Service has the port that leads into its network. */
export function gatewayPortPointer(service: Resource): Pointer {
  const wanted = gatewayPort(service);
  const index = portsOf(service).findIndex(
    (port) =>
      typeof port === 'object' && port !== null && 'port' in port && port['port'] === wanted,
  );
  return pointer('spec', 'ports', Math.max(index, 0));
}

function isNetworkGateway(service: Resource): boolean {
  return (service.labels[networkLabel] ?? '') !== '';
}
