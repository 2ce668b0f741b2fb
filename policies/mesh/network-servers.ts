import { pointer, type Pointer } from '../core/pointer.ts';
import type { Resource } from '../core/resource.ts';
import { gatewaysOn, proxiesBehind, proxiesOf } from './gateway-proxies.ts';
import { serversOf } from './gateway-servers.ts';
import type { Mesh } from './mesh.ts';
import { gatewayPort, gatewayState } from './network-gateways.ts';
import { serverFault, type ServerFault } from './network-server-fault.ts';
import { portsOf } from './services.ts';
import { networkLabel } from './topology-keys.ts';

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
