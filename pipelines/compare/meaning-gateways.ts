import { isObject, listIn, numberIn, stringIn, valueIn } from '../../policies/core/json.ts';
import type { Resource } from '../../policies/core/resource.ts';
import { serversOf } from '../../policies/mesh/gateway-servers.ts';
import {
  listed,
  nameOf,
  pairsOf,
  sorted,
  statement,
  type Effect,
  type MeshChange,
  type ResourcePair,
  type Statement,
} from './meaning-statement.ts';

/** One host on one port of a Gateway of either API. */
interface Listener {
  readonly port: number;
  readonly host: string;
  readonly tls: string;
}

const noTls = 'no TLS';
/** How much a mode asks of clients; modes that leave TLS to the workload behind cannot be compared. */
const asked: ReadonlyMap<string, number> = new Map([
  [noTls, 0],
  ['SIMPLE', 1],
  ['OPTIONAL_MUTUAL', 1],
  ['Terminate', 1],
  ['MUTUAL', 2],
  ['ISTIO_MUTUAL', 2],
]);

/** Which ports and hosts Gateways open or close, and what TLS they ask for. */
export function explainGateways(change: MeshChange): readonly Statement[] {
  return pairsOf(change, 'Gateway', 'KubernetesGateway').flatMap(explainGateway);
}

function explainGateway(pair: ResourcePair): readonly Statement[] {
  const old = byKey(listenersOf(pair.before));
  const now = byKey(listenersOf(pair.after));
  const opened = [...now].filter(([key]) => !old.has(key)).map(([, listener]) => listener);
  const closed = [...old].filter(([key]) => !now.has(key)).map(([, listener]) => listener);
  const changed = [...now].flatMap(([key, listener]) => {
    const was = old.get(key);
    return was === undefined || was.tls === listener.tls ? [] : [{ ...listener, was: was.tls }];
  });
  return [
    ...grouped(opened, ({ port, tls }) => `Opens port ${String(port)} (${tls})`).map(
      ([verb, hosts]) =>
        statement(pair, 'outside', 'opened', `${verb} for ${hosts} on ${nameOf(pair)}.`),
    ),
    ...grouped(closed, ({ port }) => `Closes port ${String(port)}`).map(([verb, hosts]) =>
      statement(pair, 'outside', 'closed', `${verb} for ${hosts} on ${nameOf(pair)}.`),
    ),
    ...grouped(changed, ({ port, was, tls }) => `${String(port)} ${was} ${tls}`).map(
      ([, hosts, first]) => {
        const { port, was, tls } = first;
        const text = `TLS on port ${String(port)} of ${nameOf(pair)} goes from ${was} to ${tls} for ${hosts}.`;
        return statement(pair, 'outside', tlsEffect(was, tls), text);
      },
    ),
  ];
}

function tlsEffect(was: string, now: string): Effect {
  const [old, asks] = [asked.get(was), asked.get(now)];
  if (old === undefined || asks === undefined || old === asks) {
    return 'unsure';
  }
  return asks < old ? 'opened' : 'closed';
}

function listenersOf(gateway: Resource | undefined): readonly Listener[] {
  if (gateway === undefined) {
    return [];
  }
  if (gateway.type === 'Gateway') {
    return serversOf(gateway).flatMap(({ port, hosts, tlsMode }) =>
      hosts.map((host) => ({ port, host, tls: tlsMode ?? noTls })),
    );
  }
  return listIn(gateway.object, 'spec', 'listeners').flatMap((listener) => {
    const port = numberIn(listener, 'port');
    const tls = valueIn(listener, 'tls');
    const mode = isObject(tls) ? (stringIn(tls, 'mode') ?? 'Terminate') : noTls;
    return port === undefined
      ? []
      : [{ port, host: stringIn(listener, 'hostname') ?? '*', tls: mode }];
  });
}

function byKey(listeners: readonly Listener[]): ReadonlyMap<string, Listener> {
  return new Map(
    listeners.map((listener) => [`${String(listener.port)} ${listener.host}`, listener]),
  );
}

/** Listeners that differ in their host alone, under what they share; hosts as a text. */
function grouped<L extends Listener>(
  listeners: readonly L[],
  shared: (listener: L) => string,
): readonly (readonly [string, string, L])[] {
  return [...Map.groupBy(listeners, shared)].flatMap(([key, group]) => {
    const [first] = group;
    const hosts = listed(sorted(group.map(({ host }) => (host === '*' ? 'every host' : host))));
    return first === undefined ? [] : [[key, hosts, first] as const];
  });
}
