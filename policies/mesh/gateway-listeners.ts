import { gatewaysOn, listeningPort, type GatewayProxy } from './gateway-proxies.ts';
import { rulesFor, type BoundRule } from './gateway-routes.ts';
import { isTls, rulesReadBy } from './gateway-server-kinds.ts';
import { serversOf, type GatewayServer } from './gateway-servers.ts';
import type { Mesh } from './mesh.ts';

/** A server that a proxy leaves out, because another one has its socket or its server name. */
export interface DroppedServer {
  readonly holder: GatewayServer;
  readonly dropped: GatewayServer;
  /** As Istio names the listener: `0.0.0.0_5432`. */
  readonly listener: string;
  /** `socket`: the port is taken; `server-name`: a TLS server on it has the same host. */
  readonly cause: 'socket' | 'server-name';
  /** The host that both have, where that is the cause. */
  readonly host: string | undefined;
}

/** A rule that a server never reaches. */
export interface UnreadRule {
  readonly server: GatewayServer;
  readonly listener: string;
  readonly read: BoundRule;
  readonly unread: BoundRule;
  /** The server name that both match; undefined where the server reads one rule only. */
  readonly serverName: string | undefined;
}

/** What a gateway proxy listens to, and what it leaves out. */
export interface GatewayListeners {
  readonly servers: readonly { readonly server: GatewayServer; readonly listener: string }[];
  readonly dropped: readonly DroppedServer[];
}

interface Socket {
  plain: GatewayServer | undefined;
  readonly serverNames: Map<string, GatewayServer>;
}

/**
 * Merges the servers of all Gateways on a proxy as istiod does: by age of the Gateways, then by place. On one socket a
 * second server stays only if both are HTTP, if both are TLS without a common host, or if it is the first plaintext
 * one after TLS. Source: Istio `pilot/pkg/model/gateway.go`, observed. Costs O(servers of the proxy).
 */
export function mergeServers(proxy: GatewayProxy, mesh: Mesh): GatewayListeners {
  const sockets = new Map<string, Socket>();
  const servers: GatewayListeners['servers'][number][] = [];
  const dropped: DroppedServer[] = [];
  for (const server of gatewaysOn(proxy.labels, mesh).flatMap(serversOf)) {
    const listener = `${server.bind}_${String(listeningPort(server.port, proxy))}`;
    const socket = sockets.get(listener) ?? emptySocket();
    sockets.set(listener, socket);
    const conflict = conflictOn(socket, server);
    if (conflict === undefined) {
      occupy(socket, server);
      servers.push({ server, listener });
    } else {
      dropped.push({ ...conflict, dropped: server, listener });
    }
  }
  return { servers, dropped };
}

/**
 * The rules that servers of a proxy never reach: of `tcp` rules a server reads the first that applies, and of `tls`
 * rules those whose server names are still free on the port. A rule that another server reads, or that leads where the
 * read one leads, is no loss. Source: Istio `pilot/pkg/networking/core/gateway.go`, observed.
 * Costs O(VirtualServices bound to the servers).
 */
export function unreadRules(
  { servers }: GatewayListeners,
  { namespace }: GatewayProxy,
  mesh: Mesh,
): readonly UnreadRule[] {
  const found: UnreadRule[] = [];
  const read = new Set<string>();
  const namesOn = new Map<string, Map<string, BoundRule>>();
  for (const { server, listener } of servers) {
    if (rulesReadBy[server.kind] === 'http') {
      continue;
    }
    const names = namesOn.get(listener) ?? new Map<string, BoundRule>();
    namesOn.set(listener, names);
    const place = { server, listener };
    for (const rule of rulesFor(server, namespace, mesh)) {
      const holder = takePlace(rule, names, server);
      if (holder === undefined) {
        read.add(ruleKey(rule));
      } else {
        found.push({ ...place, ...holder, unread: rule });
      }
    }
  }
  return found.filter(
    ({ read: winner, unread }) => !read.has(ruleKey(unread)) && !sameDestinations(winner, unread),
  );
}

/** Whether two rules lead to the same places. */
function sameDestinations(left: BoundRule, right: BoundRule): boolean {
  return JSON.stringify(left.destinations) === JSON.stringify(right.destinations);
}

/** Gives a rule its place on a listener, or says which rule has it. */
function takePlace(
  rule: BoundRule,
  names: Map<string, BoundRule>,
  server: GatewayServer,
): Pick<UnreadRule, 'read' | 'serverName'> | undefined {
  const passthrough = server.kind === 'passthrough';
  const wanted = passthrough
    ? rule.serverNames
    : [`#${server.gateway.namespace}/${server.gateway.name}/${String(server.index)}`];
  const taken = wanted.find((name) => names.has(name));
  const read = taken === undefined ? undefined : names.get(taken);
  if (read !== undefined) {
    return { read, serverName: passthrough ? taken : undefined };
  }
  for (const name of wanted) {
    names.set(name, rule);
  }
  return undefined;
}

function ruleKey({ virtualService, at }: BoundRule): string {
  return `${virtualService.namespace}/${virtualService.name}${at}`;
}

function emptySocket(): Socket {
  return { plain: undefined, serverNames: new Map() };
}

function conflictOn(
  socket: Socket,
  server: GatewayServer,
): Pick<DroppedServer, 'holder' | 'cause' | 'host'> | undefined {
  if (isTls(server)) {
    for (const host of server.hosts) {
      const holder = socket.serverNames.get(host);
      if (holder !== undefined) {
        return { holder, cause: 'server-name', host };
      }
    }
  }
  const { plain } = socket;
  return plain === undefined || (plain.kind === 'http' && server.kind === 'http')
    ? undefined
    : { holder: plain, cause: 'socket', host: undefined };
}

function occupy(socket: Socket, server: GatewayServer): void {
  if (isTls(server)) {
    for (const host of server.hosts) {
      socket.serverNames.set(host, server);
    }
  } else {
    socket.plain ??= server;
  }
}
