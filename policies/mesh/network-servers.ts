import { stringIn, listIn } from '../core/json.ts';
import { extendPointer, pointer, type Pointer } from '../core/pointer.ts';
import type { Resource } from '../core/resource.ts';
import { gatewayReference } from './gateway-names.ts';
import { gatewaysOn, proxiesBehind, proxiesOf } from './gateway-proxies.ts';
import { bareHost, serversOf, type GatewayServer } from './gateway-servers.ts';
import { gatewayKey } from './keys.ts';
import type { Mesh } from './mesh.ts';
import { gatewayPort, gatewayState } from './network-gateways.ts';
import { portsOf } from './services.ts';
import { networkLabel } from './topology-keys.ts';

/** A server of a Gateway that does not do what the gateway of a network is for, or does more. */
export interface ServerFault {
  readonly message: 'not-auto-passthrough' | 'not-tls' | 'hosts-too-wide';
  readonly at: Pointer;
  /** It stands on the port of a network's gateway; otherwise the port alone suggests it. */
  readonly certain: boolean;
  readonly data: Readonly<Record<string, string | number>>;
}

const customaryPort = 15443;

/** The faults of a Gateway's servers. Costs O(what shares a label with its selector). */
export function serverFaults(gateway: Resource, mesh: Mesh): readonly ServerFault[] {
  const services = proxiesOf(gateway, mesh).flatMap((proxy) => proxy.services);
  const ports = new Set(services.filter(isNetworkGateway).map(gatewayPort));
  return serversOf(gateway).flatMap((server) => {
    const fault = faultOf(server, ports.has(server.port), mesh);
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

/** Where a Service has the port that leads into its network. */
export function gatewayPortPointer(service: Resource): Pointer {
  const wanted = gatewayPort(service);
  const index = portsOf(service).findIndex(
    (port) =>
      typeof port === 'object' && port !== null && 'port' in port && port['port'] === wanted,
  );
  return pointer('spec', 'ports', Math.max(index, 0));
}

function faultOf(server: GatewayServer, certain: boolean, mesh: Mesh): ServerFault | undefined {
  const at = pointer('spec', 'servers', server.index);
  const { name, port, kind } = server;
  const mode = server.tlsMode ?? 'none';
  if (kind === 'auto-passthrough') {
    const wide = server.hosts.findIndex((host) => bareHost(host) === '*');
    return wide < 0
      ? undefined
      : {
          message: 'hosts-too-wide',
          at: extendPointer(at, 'hosts', wide),
          certain: true,
          data: { name, port, hosts: '*' },
        };
  }
  if (server.tlsMode === 'AUTO_PASSTHROUGH') {
    const protocol = protocolOf(server);
    const data = { name, port, protocol };
    return { message: 'not-tls', at: extendPointer(at, 'port', 'protocol'), certain: true, data };
  }
  const meant = certain || (port === customaryPort && !hasRoutes(server.gateway, mesh));
  return meant
    ? {
        message: 'not-auto-passthrough',
        at: extendPointer(at, 'tls', 'mode'),
        certain,
        data: { name, port, mode },
      }
    : undefined;
}

function protocolOf({ gateway, index }: GatewayServer): string {
  return stringIn(listIn(gateway.object, 'spec', 'servers')[index], 'port', 'protocol') ?? '';
}

function hasRoutes(gateway: Resource, mesh: Mesh): boolean {
  return mesh.byKey('VirtualService', gatewayKey(gatewayReference(gateway))).size > 0;
}

function isNetworkGateway(service: Resource): boolean {
  return (service.labels[networkLabel] ?? '') !== '';
}
