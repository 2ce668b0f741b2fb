import { createHash } from 'node:crypto';
import type { JsonObject } from '../../policies/core/json.ts';
import { microTime } from './cluster-time.ts';
import { apiPath, isConflict, type ClusterWriter } from './cluster-writer.ts';

/** What an Event is about. */
export interface EventObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Events are kept in the namespace of their object; those of cluster-scoped objects in `default`. */
  readonly namespace?: string;
  readonly uid?: string;
}

/** Something that happened, for whoever runs `kubectl get events`. */
export interface ClusterEvent {
  readonly about: EventObject;
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, and stable. */
  readonly reason: string;
  /** What was done, or was to be: CamelCase too. */
  readonly action: string;
  readonly note: string;
}

/** Who says so, and how often at most. */
export interface EventSinkOptions {
  readonly writer: ClusterWriter;
  /** Name of the process: the host name, or of the Pod. */
  readonly instance: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Events in a row; one more every half a minute. */
  readonly burst?: number;
  /** A write failed; Events are told at best, and nothing waits for them. */
  onProblem(error: unknown): void;
}

const events = { apiVersion: 'events.k8s.io/v1', resource: 'events' };
const refillMilliseconds = 30_000;
const repeatMilliseconds = 10 * 60_000;
const longestNote = 1000;
const longestName = 220;
const rememberedEvents = 1000;

/** Where Events go: the same one within ten minutes is counted on, and beyond the cap none is written. */
export function createEventSink(options: EventSinkOptions): (event: ClusterEvent) => Promise<void> {
  const { writer, now, burst = 25 } = options;
  const known = new Map<string, { readonly path: string; count: number; at: number }>();
  let tokens = burst;
  let refilled = now();

  function take(): boolean {
    const gained = Math.floor((now() - refilled) / refillMilliseconds);
    if (gained > 0) {
      tokens = Math.min(burst, tokens + gained);
      refilled += gained * refillMilliseconds;
    }
    if (tokens === 0) {
      return false;
    }
    tokens -= 1;
    return true;
  }

  async function write(event: ClusterEvent): Promise<void> {
    const key = JSON.stringify(event);
    const before = known.get(key);
    if (before !== undefined && now() - before.at < repeatMilliseconds) {
      before.count += 1;
      before.at = now();
      const series = { count: before.count, lastObservedTime: microTime(now()) };
      await writer.merge(before.path, { series });
      return;
    }
    const { name, body } = eventObject(event, options.instance, now());
    const place = { ...events, namespace: event.about.namespace ?? 'default' };
    const path = apiPath({ ...place, name });
    if (known.size >= rememberedEvents) {
      known.clear();
    }
    known.set(key, { path, count: 1, at: now() });
    await writer.create(apiPath(place), body);
  }

  return async (event) => {
    if (!take()) {
      return;
    }
    try {
      await write(event);
    } catch (error) {
      if (!isConflict(error)) {
        options.onProblem(error);
      }
    }
  };
}

function eventObject(
  { about, type, reason, action, note }: ClusterEvent,
  instance: string,
  now: number,
): { readonly name: string; readonly body: JsonObject } {
  const namespace = about.namespace ?? 'default';
  const hash = createHash('sha256')
    .update(JSON.stringify([about, reason, note, instance, now]))
    .digest('hex');
  const { apiVersion, kind, uid } = about;
  const name = `${about.name.slice(0, longestName)}.${hash.slice(0, 16)}`;
  const body = {
    apiVersion: events.apiVersion,
    kind: 'Event',
    metadata: { name, namespace },
    eventTime: microTime(now),
    reportingController: 'meshgate.dev/meshgate',
    reportingInstance: instance.slice(0, 128),
    type,
    reason,
    action,
    note: note.slice(0, longestNote),
    regarding: {
      apiVersion,
      kind,
      name: about.name,
      ...(about.namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
    },
  };
  return { name, body };
}
