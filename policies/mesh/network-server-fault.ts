import { stringIn, listIn } from '../core/json.ts';
import { extendPointer, pointer, type Pointer } from '../core/pointer.ts';
import type { Resource } from '../core/resource.ts';
import { gatewayReference } from './gateway-names.ts';
import { bareHost, type GatewayServer } from './gateway-servers.ts';
import { gatewayKey } from './keys.ts';
import type { Mesh } from './mesh.ts';

/** A server of a Gateway that does not do what the gateway of a network is for, or does more. */
export interface ServerFault {
  readonly message: 'not-auto-passthrough' | 'not-tls' | 'hosts-too-wide';
  readonly at: Pointer;
  /** It stands on the port of a network's gateway; otherwise the port alone suggests it. */
  readonly certain: boolean;
  readonly data: Readonly<Record<string, string | number>>;
}

const customaryPort = 15443;

/** The fault of one server; `certain` where it is known to stand on the port of a network's gateway. */
export function serverFault(
  server: GatewayServer,
  certain: boolean,
  mesh: Mesh,
): ServerFault | undefined {
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
