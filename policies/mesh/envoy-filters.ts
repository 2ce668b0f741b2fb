import {
  isObject,
  listIn,
  numberIn,
  objectIn,
  stringIn,
  stringMapIn,
  valueIn,
  type Json,
  type JsonObject,
} from '../core/json.ts';
import { milliseconds, parseDuration, seconds, type Milliseconds } from '../core/duration.ts';
import { compareAge, type Resource } from '../core/resource.ts';
import { matchesLabels } from './labels.ts';
import { meshWideNamespace } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';
import type { Workload } from './workload.ts';

/** A bound on a connection's life that an EnvoyFilter sets. */
export interface FilterBound {
  readonly filter: Resource;
  readonly ttl: Milliseconds;
  /** Share of the TTL by which it may be longer, from 0 to 1. */
  readonly jitter: number;
}

/** Whose connections a bound is asked for: those to one port of a Service, on their way to a workload. */
export interface FilteredPort {
  readonly host: string;
  readonly port: number;
  /** The port of the workload's Pods that it leads to, where it is known. */
  readonly podPort: number | undefined;
  readonly protocol: 'tcp' | 'http';
}

type Side = 'SIDECAR_INBOUND' | 'SIDECAR_OUTBOUND';

const fields = {
  tcp: {
    filter: 'tcp_proxy',
    duration: 'max_downstream_connection_duration',
    parent: undefined,
  },
  http: {
    filter: 'http_connection_manager',
    duration: 'max_connection_duration',
    parent: 'common_http_protocol_options',
  },
} as const;
const deepest = 12;

/**
 * The bound that EnvoyFilters put on connections to a workload: on its own inbound side, or on the outbound side of
 * every client (a filter of the root namespace without a selector). Costs O(EnvoyFilters of the two namespaces).
 */
export function envoyFilterBound(
  workload: Workload,
  port: FilteredPort,
  mesh: Mesh,
): FilterBound | undefined {
  const root = meshWideNamespace(mesh);
  const everywhere = mesh.inNamespace('EnvoyFilter', root);
  const beside =
    workload.namespace === root ? [] : mesh.inNamespace('EnvoyFilter', workload.namespace);
  const filters = [...inOrder(everywhere), ...inOrder(beside)];
  if (filters.length === 0) {
    return undefined;
  }
  const inbound = filters.filter((filter) =>
    matchesLabels(stringMapIn(selectorOf(filter), 'labels'), workload.labels),
  );
  const outbound = filters.filter(
    (filter) => filter.namespace === root && Object.keys(selectorOf(filter)).length === 0,
  );
  const bounds = [
    lastBound(inbound, 'SIDECAR_INBOUND', port),
    lastBound(outbound, 'SIDECAR_OUTBOUND', port),
  ].filter((bound) => bound !== undefined);
  return bounds.sort((left, right) => left.ttl - right.ttl)[0];
}

function selectorOf(filter: Resource): JsonObject {
  return objectIn(filter.object, 'spec', 'workloadSelector');
}

/** The order in which istiod applies the filters of a namespace. */
function inOrder(filters: Iterable<Resource>): readonly Resource[] {
  const priority = (filter: Resource): number => numberIn(filter.object, 'spec', 'priority') ?? 0;
  return [...filters].sort(
    (left, right) => priority(left) - priority(right) || compareAge(left, right),
  );
}

/** Each patch is merged over the earlier ones, so that the last bound counts. */
function lastBound(
  filters: readonly Resource[],
  side: Side,
  port: FilteredPort,
): FilterBound | undefined {
  let last: FilterBound | undefined;
  for (const filter of filters) {
    for (const patch of listIn(filter.object, 'spec', 'configPatches')) {
      const bound = reaches(patch, side, port)
        ? boundIn(valueIn(patch, 'patch', 'value'), port.protocol)
        : undefined;
      last = bound === undefined ? last : { filter, ...bound };
    }
  }
  return last;
}

/** Whether a patch is for what handles the connections on that side. Observed: an inbound port is that of the Pod. */
function reaches(patch: Json, side: Side, port: FilteredPort): boolean {
  const context = stringIn(patch, 'match', 'context') ?? 'ANY';
  if (
    (context !== 'ANY' && context !== side) ||
    stringIn(patch, 'patch', 'operation') === 'REMOVE'
  ) {
    return false;
  }
  const match = objectIn(patch, 'match');
  const number = side === 'SIDECAR_INBOUND' ? port.podPort : port.port;
  const isFor = (asked: number | undefined): boolean =>
    asked === undefined || asked === 0 || number === undefined || asked === number;
  const chain = objectIn(match, 'listener', 'filterChain');
  const filter = stringIn(chain, 'filter', 'name');
  return (
    isFor(numberIn(match, 'listener', 'portNumber')) &&
    (side === 'SIDECAR_OUTBOUND' || isFor(numberIn(chain, 'destinationPort'))) &&
    isListener(stringIn(match, 'listener', 'name'), side, port) &&
    (filter === undefined || filter.endsWith(fields[port.protocol].filter)) &&
    isCluster(objectIn(match, 'cluster'), port)
  );
}

function isListener(name: string | undefined, side: Side, { port }: FilteredPort): boolean {
  return (
    name === undefined ||
    (side === 'SIDECAR_INBOUND' ? name === 'virtualInbound' : name.endsWith(`_${String(port)}`))
  );
}

function isCluster(cluster: JsonObject, { host, port }: FilteredPort): boolean {
  const service = stringIn(cluster, 'service');
  const number = numberIn(cluster, 'portNumber');
  return (service === undefined || service === host) && (number === undefined || number === port);
}

function boundIn(
  value: Json | undefined,
  protocol: 'tcp' | 'http',
): Omit<FilterBound, 'filter'> | undefined {
  const { duration, parent } = fields[protocol];
  const holder = findHolder(value, duration, parent, 0);
  const ttl = durationOf(holder?.[duration] ?? holder?.[camelCase(duration)]);
  const percent =
    numberIn(holder, `${duration}_jitter_percentage`, 'value') ??
    numberIn(holder, camelCase(`${duration}_jitter_percentage`), 'value') ??
    0;
  return ttl === undefined || ttl <= 0 ? undefined : { ttl, jitter: percent / 100 };
}

function findHolder(
  value: Json | undefined,
  field: string,
  parent: string | undefined,
  depth: number,
  key?: string,
): Readonly<Record<string, Json>> | undefined {
  if (!isObject(value) || depth > deepest) {
    return undefined;
  }
  const named = Object.hasOwn(value, field) || Object.hasOwn(value, camelCase(field));
  if (named && (parent === undefined || key === parent || key === camelCase(parent))) {
    return value;
  }
  for (const [name, child] of Object.entries(value)) {
    const found = findHolder(child, field, parent, depth + 1, name);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function durationOf(value: Json | undefined): Milliseconds | undefined {
  if (typeof value === 'string') {
    return parseDuration(value);
  }
  if (!isObject(value)) {
    return undefined;
  }
  return milliseconds(
    seconds(numberIn(value, 'seconds') ?? 0) + (numberIn(value, 'nanos') ?? 0) / 1e6,
  );
}

function camelCase(snake: string): string {
  return snake.replaceAll(/_([a-z])/gu, (_whole, letter: string) => letter.toUpperCase());
}
