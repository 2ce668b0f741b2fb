import * as z from 'zod';
import {
  inSeconds,
  milliseconds,
  parseDuration,
  seconds,
  type Milliseconds,
} from '../core/duration.ts';
import { describeReference } from '../core/resource.ts';
import { connectionTtls, declaredTtl, type ConnectionTtl } from './connection-ttl.ts';
import type { Mesh } from './mesh.ts';
import type { ServingNeed } from './shutdown.ts';
import type { Workload } from './workload.ts';

/** A param that holds a Go duration; the value stays a text, so that docs and errors show it as written. */
export function durationParam(description: string): z.ZodString {
  return z
    .string()
    .refine((text) => (parseDuration(text) ?? -1) >= 0, {
      message: 'must be a duration such as 90s, 2m30s or 1h',
    })
    .describe(description);
}

/** The TTL to go by where nothing in the mesh bounds a connection. */
export const connectionTtlParam = durationParam(
  'How long connections live where no rule, filter or annotation says it; leave it out to have them judged as unbounded.',
).optional();

/** The longest finite life of a workload's connections, with what decides it. */
export interface LongestTtl extends ServingNeed {
  /** For people: `connections to Service shop/ledger port 7000`. */
  readonly connections: string;
  /** For people: `DestinationRule shop/ledger`. */
  readonly decidedBy: string;
  readonly view: ConnectionTtl | undefined;
}

/** What of the params a need depends on. */
export interface NeedParams {
  readonly connectionTtl?: string | undefined;
  readonly jitter: number;
  readonly propagationTime?: string | undefined;
}

const defaultPropagation = seconds(5);

/** The longest finite TTL that a workload must outlive; undefined where no connection has one. */
export function longestTtl(
  workload: Workload,
  views: readonly ConnectionTtl[],
  params: NeedParams,
  mesh: Mesh,
): LongestTtl | undefined {
  const propagation = propagationTime(params, mesh);
  const declared = declaredTtl(workload);
  if (declared !== undefined) {
    const connections = 'its connections';
    return {
      ttl: declared,
      jitter: params.jitter,
      propagation,
      connections,
      decidedBy: 'its annotation',
      view: undefined,
    };
  }
  const assumed =
    params.connectionTtl === undefined ? undefined : parseDuration(params.connectionTtl);
  let longest: LongestTtl | undefined;
  for (const view of views) {
    const ttl = view.ttl ?? assumed;
    if (ttl !== undefined && (longest === undefined || ttl > longest.ttl)) {
      const decidedBy = view.ttl === undefined ? 'the configuration' : deciderOf(view);
      const jitter = Math.max(params.jitter, view.jitter);
      longest = { ttl, jitter, propagation, connections: connectionsOf(view), decidedBy, view };
    }
  }
  return longest;
}

/** The views of a workload's ports, none where the workload declares its TTL itself. */
export function judgedTtls(workload: Workload, mesh: Mesh): readonly ConnectionTtl[] {
  return declaredTtl(workload) === undefined ? connectionTtls(workload, mesh) : [];
}

/** `connections to Service shop/ledger port 7000`. */
function connectionsOf(view: ConnectionTtl): string {
  return `connections to ${describeReference(view.service)} port ${String(view.port)}`;
}

/** Whole seconds that are not shorter than the duration. */
export function wholeSeconds(duration: Milliseconds): number {
  return Math.ceil(inSeconds(duration) - 1e-9);
}

function deciderOf(view: ConnectionTtl): string {
  return view.rule === undefined ? 'the mesh config' : describeReference(view.rule);
}

function propagationTime(params: NeedParams, mesh: Mesh): Milliseconds {
  const text = params.propagationTime ?? mesh.facts.propagationTime;
  return (text === undefined ? undefined : parseDuration(text)) ?? milliseconds(defaultPropagation);
}
