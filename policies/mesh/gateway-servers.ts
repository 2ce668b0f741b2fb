import { listIn, numberIn, stringIn } from '../core/json.ts';
import type { Resource } from '../core/resource.ts';
import { gatewayReference } from './gateway-names.ts';
import { serverKindOf, tlsModeOf, type ServerKind } from './gateway-server-kinds.ts';
import { hostMatches } from './hosts.ts';

/** One server of a Gateway. */
export interface GatewayServer {
  readonly gateway: Resource;
  readonly index: number;
  /** What people call it: the name of its port, or its place. */
  readonly name: string;
  readonly port: number;
  readonly bind: string;
  readonly kind: ServerKind;
  /** As Istio merges them: `shop/db.example.com` for hosts that only one namespace may route, else the bare host. */
  readonly hosts: readonly string[];
  /** Its `tls.mode`, PASSTHROUGH (the zero value) where the block names none; undefined without a block. */
  readonly tlsMode: string | undefined;
}

/** The address of servers that name none. */
const anyAddress = '0.0.0.0';

/** The servers of a Gateway in their order; one without a port number is left out. */
export function serversOf(gateway: Resource): readonly GatewayServer[] {
  return listIn(gateway.object, 'spec', 'servers').flatMap((server, index) => {
    const port = numberIn(server, 'port', 'number');
    return port === undefined
      ? []
      : [
          {
            gateway,
            index,
            name: stringIn(server, 'port', 'name') ?? `servers[${String(index)}]`,
            port,
            bind: stringIn(server, 'bind') || anyAddress,
            kind: serverKindOf(server),
            hosts: listIn(server, 'hosts').flatMap((host) =>
              typeof host === 'string' ? [mergedHost(host.toLowerCase(), gateway.namespace)] : [],
            ),
            tlsMode: tlsModeOf(server),
          },
        ];
  });
}

/** A host of a server without the namespace that it may be limited to. */
export function bareHost(host: string): string {
  return host.slice(host.indexOf('/') + 1);
}

/** Whether a server takes a host of a VirtualService of a namespace. */
export function takesHost(server: GatewayServer, host: string, namespace: string): boolean {
  return server.hosts.some((own) => {
    const slash = own.indexOf('/');
    const pattern = bareHost(own);
    return (
      (slash < 0 || own.slice(0, slash) === namespace) &&
      (hostMatches(pattern, host) || hostMatches(host, pattern))
    );
  });
}

/** A server for people: `server db of Gateway shop/egress`. */
export function describeServer({ gateway, name }: GatewayServer): string {
  return `server ${name} of Gateway ${gatewayReference(gateway)}`;
}

function mergedHost(host: string, namespace: string): string {
  const slash = host.indexOf('/');
  if (slash < 0 || host.startsWith('*/')) {
    return host.slice(slash + 1);
  }
  return host.startsWith('./') ? `${namespace}${host.slice(slash)}` : host;
}
