import { isHttp, socketsOf, wildcardBind, type SocketMatch } from './outbound-sockets.ts';
import type { Consumer } from './consumers.ts';
import type { Mesh } from './mesh.ts';
import { registryOnPort, type RegistryService } from './registry.ts';
import { meshRoutesOf } from './mesh-routes.ts';
import {
  egressListeners,
  listenerBind,
  listenerImports,
  listenerPort,
  listenerProtocol,
} from './sidecar-scope.ts';

/** A host that lost its place on a socket: its connections go to the winner. */
export interface DroppedService {
  readonly winner: RegistryService;
  readonly loser: RegistryService;
  /** As Istio names the listener: `0.0.0.0_5432`. */
  readonly listener: string;
  /** `raw`: the TCP chain is taken; `exclusive`: MySQL and Mongo share a socket with nothing; `sni`: the SNI is taken. */
  readonly cause: 'raw' | 'exclusive' | 'sni';
}

interface Socket {
  readonly chains: Map<string, RegistryService>;
  first: RegistryService | undefined;
  exclusive: RegistryService | undefined;
  httpFirst: boolean;
  /** Sniffed hosts that came to an HTTP listener: their raw bytes go to whoever takes the rest. */
  readonly withoutRawChain: RegistryService[];
  /** The hosts that were settled here, with a chain or without. */
  readonly members: Set<string>;
}

const exclusiveProtocols: ReadonlySet<string> = new Set(['MYSQL', 'MONGO']);

/**
 * What a consumer's listeners on a port leave out, in istiod's order. Explicit egress listeners of its Sidecar come
 * first and lock their socket. Costs O(objects on the port · log).
 */
export function droppedOnPort(
  port: number,
  consumer: Consumer,
  mesh: Mesh,
): readonly DroppedService[] {
  const services = registryOnPort(port, consumer, mesh);
  const listeners =
    consumer.sidecar === undefined ? [{ hosts: ['*/*'] }] : egressListeners(consumer.sidecar);
  const sockets = new Map<string, Socket>();
  const locked = new Set<string>();
  const placed = new Set<string>();
  const dropped: (DroppedService & { readonly own: boolean })[] = [];
  for (const listener of [...listeners].sort((left, right) => rank(left) - rank(right))) {
    const explicit = listenerPort(listener) !== undefined;
    if (explicit && listenerPort(listener) !== port) {
      continue;
    }
    const bind = explicit ? listenerBind(listener) : undefined;
    const imported = services
      .filter(({ resource, host }) =>
        listenerImports(
          listener,
          consumer.namespace,
          { namespace: resource.namespace, host },
          mesh,
        ),
      )
      .map((service) => asListened(service, listener));
    const mine = new Set<string>();
    for (const service of imported) {
      const places =
        bind === undefined ? socketsOf(service, consumer, mesh) : [{ bind, range: '' }];
      for (const place of places) {
        const found = take(service, place, socketAt(sockets, place.bind), locked, mesh);
        mine.add(place.bind);
        dropped.push(...found.map((loss) => ({ ...loss, own: bind !== undefined })));
        if (found.length === 0) {
          placed.add(service.host);
        }
      }
    }
    if (explicit) {
      for (const address of mine) {
        locked.add(address);
      }
    }
  }
  return dropped
    .filter(({ own, loser }) => !own || !placed.has(loser.host))
    .map(({ winner, loser, listener, cause }) => ({ winner, loser, listener, cause }));
}

function take(
  service: RegistryService,
  place: SocketMatch,
  socket: Socket,
  locked: ReadonlySet<string>,
  mesh: Mesh,
): readonly DroppedService[] {
  return locked.has(place.bind)
    ? lockedOut(service, place, socket)
    : settle(service, place, socket, mesh);
}

/** A listener with a port treats all its hosts by its own protocol. */
function asListened(
  service: RegistryService,
  listener: Parameters<typeof listenerPort>[0],
): RegistryService {
  const protocol = listenerProtocol(listener);
  return protocol === undefined ? service : { ...service, protocol };
}

function rank(listener: Parameters<typeof listenerPort>[0]): number {
  return listenerPort(listener) === undefined ? 1 : 0;
}

function socketAt(sockets: Map<string, Socket>, bind: string): Socket {
  let socket = sockets.get(bind);
  if (socket === undefined) {
    socket = {
      chains: new Map(),
      first: undefined,
      exclusive: undefined,
      httpFirst: false,
      withoutRawChain: [],
      members: new Set(),
    };
    sockets.set(bind, socket);
  }
  return socket;
}

function settle(
  service: RegistryService,
  place: SocketMatch,
  socket: Socket,
  mesh: Mesh,
): readonly DroppedService[] {
  socket.members.add(service.host);
  const listener = `${place.bind}_${String(service.port)}`;
  const exclusive = exclusiveProtocols.has(service.protocol);
  const holder = socket.exclusive ?? (exclusive ? socket.first : undefined);
  if (holder !== undefined && holder.protocol !== service.protocol) {
    return drop(holder, service, listener, 'exclusive');
  }
  if (exclusive) {
    socket.exclusive ??= service;
  }
  const started = socket.first !== undefined;
  socket.first ??= service;
  if (isHttp(service.protocol)) {
    socket.httpFirst ||= !started;
    return [];
  }
  if (isServerName(service, place)) {
    return settleServerNames(service, place, socket, listener, mesh);
  }
  return settleRaw(service, place, socket, mesh);
}

/** An egress listener with a port has the socket to itself: what it does not import is taken by its raw chain. */
function lockedOut(
  service: RegistryService,
  place: SocketMatch,
  { chains, members }: Socket,
): readonly DroppedService[] {
  const winner = chains.get(rawKey(''));
  return winner === undefined || members.has(service.host) || isHttp(service.protocol)
    ? []
    : drop(winner, service, `${place.bind}_${String(service.port)}`, 'raw');
}

function rawKey(range: string): string {
  return `raw|${range}`;
}

function settleRaw(
  service: RegistryService,
  place: SocketMatch,
  socket: Socket,
  mesh: Mesh,
): readonly DroppedService[] {
  const key = rawKey(place.range);
  const winner = socket.chains.get(key);
  if (winner !== undefined) {
    return meshRoutesOf(service, mesh).hasSubnets
      ? []
      : drop(winner, service, `${place.bind}_${String(service.port)}`, 'raw');
  }
  if (service.protocol === 'sniffed' && socket.httpFirst) {
    socket.withoutRawChain.push(service);
    return [];
  }
  socket.chains.set(key, service);
  const listener = `${place.bind}_${String(service.port)}`;
  return place.range === ''
    ? socket.withoutRawChain.flatMap((loser) => drop(service, loser, listener, 'raw'))
    : [];
}

/** TLS is told apart by SNI only where the chain is for many destinations: with an address of its own there is no match. */
function isServerName(service: RegistryService, place: SocketMatch): boolean {
  return (
    (service.protocol === 'TLS' || service.protocol === 'HTTPS') && place.bind === wildcardBind
  );
}

function settleServerNames(
  service: RegistryService,
  place: SocketMatch,
  socket: Socket,
  listener: string,
  mesh: Mesh,
): readonly DroppedService[] {
  const routed = meshRoutesOf(service, mesh).serverNames;
  const sets = routed.length > 0 ? routed : [[service.host]];
  let winner: RegistryService | undefined;
  let placed = false;
  for (const names of sets) {
    const key = `sni|${place.range}|${[...names].sort().join(',')}`;
    const holder = socket.chains.get(key);
    if (holder === undefined) {
      socket.chains.set(key, service);
      placed = true;
    } else {
      winner ??= holder;
    }
  }
  return placed || winner === undefined ? [] : drop(winner, service, listener, 'sni');
}

function drop(
  winner: RegistryService,
  loser: RegistryService,
  listener: string,
  cause: DroppedService['cause'],
): readonly DroppedService[] {
  return winner.resource === loser.resource ? [] : [{ winner, loser, listener, cause }];
}
