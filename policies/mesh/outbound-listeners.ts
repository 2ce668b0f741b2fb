import type { Json } from '../core/json.ts';
import type { Consumer } from './consumers.ts';
import { rangeKey, readRange } from './ip.ts';
import type { Mesh } from './mesh.ts';
import { chainsOn, matchKey, type ChainMatch } from './outbound-chains.ts';
import { isHttp, socketsOf, wildcardBind, type SocketMatch } from './outbound-sockets.ts';
import { registryOnPort, type RegistryService } from './registry.ts';
import { egressListeners, listenerBind, listenerPort, listenerProtocol } from './sidecar-scope.ts';

/** A host that lost its place on a socket: its connections go to the winner. */
export interface DroppedService {
  readonly winner: RegistryService;
  readonly loser: RegistryService;
  /** As Istio names the listener: `0.0.0.0_5432`. */
  readonly listener: string;
  /**
   * `raw`: the TCP chain is taken; `exclusive`: MySQL and Mongo share a socket with nothing; `sni`: the SNI is taken;
   * `spelling`: a second listener for an address that is written otherwise, which Envoy refuses.
   */
  readonly cause: 'raw' | 'exclusive' | 'sni' | 'spelling';
}

/** A filter chain, and the host that has it; that for HTTP is everybody's. */
export interface OutboundChain extends ChainMatch {
  readonly service: RegistryService;
}

/** An outbound listener as a consumer's proxy has it. */
export interface OutboundListener {
  readonly bind: string;
  readonly port: number;
  readonly chains: readonly OutboundChain[];
}

interface Socket extends OutboundListener {
  readonly first: RegistryService;
  /** `sniffed` once HTTP and other bytes are told apart on it. */
  protocol: string;
  /** A Sidecar's listener for the port has it; the catch-all adds nothing. */
  locked: boolean;
  chains: OutboundChain[];
  readonly members: Set<string>;
}

/** A host at a socket where it may have no chain of its own. */
interface Attempt {
  readonly service: RegistryService;
  readonly socket: Socket;
  readonly cause: DroppedService['cause'];
  /** Who stands where it would have been; undefined where its bytes go to whatever takes the rest. */
  readonly holder: RegistryService | undefined;
}

interface Listening {
  readonly sockets: Map<string, Socket>;
  readonly attempts: (Attempt & Pick<SocketMatch, 'range'>)[];
  /** The hosts with a chain somewhere. */
  readonly placed: Set<string>;
}

/** Protocols that share a socket with no other. */
const exclusive: ReadonlySet<string> = new Set(['MYSQL', 'MONGO']);

/** The outbound listeners of a consumer on a port. Costs O(objects on the port · log). */
export function listenersOnPort(
  port: number,
  consumer: Consumer,
  mesh: Mesh,
): readonly OutboundListener[] {
  return [...listen(port, consumer, mesh).sockets.values()];
}

/**
 * What a consumer's listeners on a port leave out, in istiod's order. Explicit egress listeners of its Sidecar come
 * first and lock their socket. Costs O(objects on the port · log).
 * Source: Istio `pilot/pkg/networking/core/listener.go`, observed.
 */
export function droppedOnPort(
  port: number,
  consumer: Consumer,
  mesh: Mesh,
): readonly DroppedService[] {
  const { attempts, placed } = listen(port, consumer, mesh);
  return attempts.flatMap(({ service: loser, socket, cause, holder, range }) => {
    const winner = holder ?? socket.chains.find((chain) => matchKey(chain) === '||')?.service;
    const lost =
      winner !== undefined &&
      winner.resource !== loser.resource &&
      !hasTwin(loser, socket, range) &&
      !(socket.locked && placed.has(loser.host));
    return lost ? [{ winner, loser, listener: `${socket.bind}_${String(port)}`, cause }] : [];
  });
}

/**
 * The host has a chain for raw bytes there all the same: by another object, since entries of one host join their endpoints, or by
 * another address where addresses do not count.
 */
function hasTwin(
  { host, resource }: RegistryService,
  { chains }: Socket,
  range: SocketMatch['range'],
): boolean {
  return chains.some(
    ({ http, service }) =>
      !http && service.host === host && (range === '' || service.resource !== resource),
  );
}

function listen(port: number, consumer: Consumer, mesh: Mesh): Listening {
  const listening: Listening = { sockets: new Map(), attempts: [], placed: new Set() };
  const declared = egressListeners(consumer.sidecar);
  const explicit = declared.filter((listener) => listenerPort(listener) !== undefined);
  for (const listener of explicit.filter((candidate) => listenerPort(candidate) === port)) {
    settleAll(listener, port, consumer, mesh, listening);
  }
  for (const socket of listening.sockets.values()) {
    socket.locked = true;
  }
  for (const listener of declared.filter((candidate) => !explicit.includes(candidate))) {
    settleAll(listener, port, consumer, mesh, listening);
  }
  return listening;
}

function settleAll(
  listener: Json,
  port: number,
  consumer: Consumer,
  mesh: Mesh,
  listening: Listening,
): void {
  const ownPort = listenerPort(listener) !== undefined;
  const shape = { bind: listenerBind(listener), ownPort };
  const protocol = ownPort ? (listenerProtocol(listener) ?? 'sniffed') : undefined;
  for (const found of registryOnPort(port, listener, consumer, mesh)) {
    const service = protocol === undefined ? found : { ...found, protocol };
    for (const place of socketsOf(service, consumer, mesh, shape)) {
      const matches = chainsOn(service, place, listener, consumer, mesh);
      const attempt = settle(service, place, matches, listening.sockets);
      if (attempt === undefined) {
        listening.placed.add(service.host);
      } else {
        listening.attempts.push({ ...attempt, range: place.range });
      }
    }
  }
}

/** Puts a host on a socket; what came of it where it got no chain of its own there. */
function settle(
  service: RegistryService,
  place: SocketMatch,
  matches: readonly ChainMatch[],
  sockets: Map<string, Socket>,
): Attempt | undefined {
  const key = bindKey(place.bind);
  const socket = sockets.get(key);
  if (socket === undefined) {
    sockets.set(key, newSocket(service, place, matches));
    return undefined;
  }
  return socket.bind === place.bind
    ? share(service, socket, matches)
    : { service, socket, cause: 'spelling', holder: socket.first };
}

function share(
  service: RegistryService,
  socket: Socket,
  matches: readonly ChainMatch[],
): Attempt | undefined {
  const http = isHttp(service.protocol);
  if (socket.locked) {
    return http || socket.members.has(service.host)
      ? undefined
      : { service, socket, cause: 'raw', holder: undefined };
  }
  socket.members.add(service.host);
  if (socket.protocol === 'sniffed' && (http || service.protocol === 'sniffed')) {
    return http ? undefined : { service, socket, cause: 'raw', holder: holderOf(socket, matches) };
  }
  return isHttp(socket.protocol) && (http || service.protocol === 'sniffed')
    ? joinHttp(service, socket, matches)
    : join(service, socket, matches);
}

/** Istio compares addresses as they are written, Envoy as they are; only IPv6 can be written in several ways. */
function bindKey(bind: string): string {
  const range = bind.includes(':') ? readRange(bind) : undefined;
  return range === undefined ? bind : rangeKey(range);
}

function newSocket(
  service: RegistryService,
  place: SocketMatch,
  matches: readonly ChainMatch[],
): Socket {
  const told = isHttp(service.protocol) && place.bind === wildcardBind;
  return {
    bind: place.bind,
    port: service.port,
    first: service,
    protocol: told ? 'sniffed' : service.protocol,
    locked: false,
    chains: matches.map((match) => ({ ...match, service })),
    members: new Set([service.host]),
  };
}

/** On a socket for HTTP alone, which tells no other bytes, a sniffed host takes over. */
function joinHttp(
  service: RegistryService,
  socket: Socket,
  matches: readonly ChainMatch[],
): undefined {
  if (service.protocol === 'sniffed') {
    socket.protocol = 'sniffed';
    socket.chains = matches.map((match) => ({ ...match, service }));
  }
}

function join(
  service: RegistryService,
  socket: Socket,
  matches: readonly ChainMatch[],
): Attempt | undefined {
  const protocols = [service.protocol, socket.protocol];
  if (service.protocol !== socket.protocol && protocols.some((name) => exclusive.has(name))) {
    return { service, socket, cause: 'exclusive', holder: socket.first };
  }
  if (protocols.some((name) => name === 'sniffed' || isHttp(name))) {
    socket.protocol = 'sniffed';
  }
  const holder = holderOf(socket, matches);
  const taken = new Set(socket.chains.map(matchKey));
  const added = matches.filter((match) => !taken.has(matchKey(match)));
  socket.chains.push(...added.map((match) => ({ ...match, service })));
  const cause = matches.some(({ serverNames }) => serverNames.length > 0) ? 'sni' : 'raw';
  const placed = added.some(({ http }) => !http || isHttp(service.protocol));
  return placed ? undefined : { service, socket, cause, holder };
}

function holderOf(socket: Socket, matches: readonly ChainMatch[]): RegistryService | undefined {
  const keys = new Set(matches.filter(({ http }) => !http).map(matchKey));
  return socket.chains.find((chain) => keys.has(matchKey(chain)))?.service;
}
