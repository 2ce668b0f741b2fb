import {
  isObject,
  listIn,
  numberIn,
  objectIn,
  stringIn,
  stringMapIn,
  valueIn,
  type Json,
} from '../core/json.ts';
import { milliseconds, parseDuration, seconds, type Milliseconds } from '../core/duration.ts';
import { compareAge, type Resource } from '../core/resource.ts';
import { matchesLabels } from './labels.ts';
import { rootNamespace } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';
import type { Workload } from './workload.ts';

/** A bound on a connection's life that an EnvoyFilter sets. */
export interface FilterBound {
  readonly filter: Resource;
  readonly ttl: Milliseconds;
  /** Share of the TTL by which it may be longer, from 0 to 1. */
  readonly jitter: number;
}

const fields = {
  tcp: { duration: 'max_downstream_connection_duration', parent: undefined },
  http: { duration: 'max_connection_duration', parent: 'common_http_protocol_options' },
} as const;
const deepest = 12;

/**
 * The bound that EnvoyFilters put on connections to a workload: on its own inbound side, or on the outbound side of
 * every client (a filter of the root namespace without a selector). Costs O(EnvoyFilters of the two namespaces).
 */
export function envoyFilterBound(
  workload: Workload,
  protocol: 'tcp' | 'http',
  mesh: Mesh,
): FilterBound | undefined {
  const root = rootNamespace(mesh);
  const everywhere = mesh.inNamespace('EnvoyFilter', root);
  const beside = mesh.inNamespace('EnvoyFilter', workload.namespace);
  if (everywhere.size === 0 && beside.size === 0) {
    return undefined;
  }
  const candidates = [...new Set([...everywhere, ...beside])];
  for (const filter of candidates.sort(compareAge)) {
    const selector = objectIn(filter.object, 'spec', 'workloadSelector');
    const selected = matchesLabels(stringMapIn(selector, 'labels'), workload.labels);
    const everybody = filter.namespace === root && Object.keys(selector).length === 0;
    for (const patch of listIn(filter.object, 'spec', 'configPatches')) {
      const context = stringIn(patch, 'match', 'context') ?? 'ANY';
      const reaches =
        context === 'SIDECAR_OUTBOUND' ? everybody : selected && context !== 'GATEWAY';
      const bound = reaches ? boundIn(valueIn(patch, 'patch', 'value'), protocol) : undefined;
      if (bound !== undefined) {
        return { filter, ...bound };
      }
    }
  }
  return undefined;
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
  return ttl === undefined ? undefined : { ttl, jitter: percent / 100 };
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
