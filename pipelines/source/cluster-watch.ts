import { member, numberIn, stringIn, type Json } from '../../policies/core/json.ts';
import type { ClusterClient } from './cluster-client.ts';

/** What to watch; the path carries the `resourceVersion` to watch from. */
export interface WatchRequest {
  readonly client: ClusterClient;
  readonly path: string;
  readonly signal: AbortSignal;
}

const watchSeconds = { least: 300, spread: 300 };
const graceMilliseconds = 30_000;

/**
 * Takes events, bookmarks too, until the server ends the watch. Resolves to false where the history is gone, so that the
 * objects must be listed again. Rejects as the client does, and with what `take` throws.
 */
export async function watchEvents(
  { client, path, signal }: WatchRequest,
  take: (type: string, object: Json) => void,
): Promise<boolean> {
  const seconds = Math.ceil(watchSeconds.least + watchSeconds.spread * Math.random());
  const query = `watch=true&allowWatchBookmarks=true&timeoutSeconds=${String(seconds)}`;
  const longest = AbortSignal.timeout(seconds * 1000 + graceMilliseconds);
  const ended = new AbortController();
  const either = AbortSignal.any([signal, longest, ended.signal]);
  let expired = false;
  try {
    await client.lines(`${path}&${query}`, either, (line) => {
      if (line === '' || expired) {
        return;
      }
      const event: unknown = JSON.parse(line);
      if (isExpiry(event, path)) {
        expired = true;
        ended.abort();
      } else {
        take(stringIn(event, 'type') ?? '', member(event, 'object') ?? null);
      }
    });
  } catch (error) {
    if (!expired) {
      throw error;
    }
  }
  return !expired;
}

/** Whether an event says that the history is gone. Throws where it tells of another error. */
function isExpiry(event: unknown, path: string): boolean {
  if (stringIn(event, 'type') !== 'ERROR') {
    return false;
  }
  const value = member(event, 'object');
  if (numberIn(value, 'code') === 410) {
    return true;
  }
  throw new Error(`the watch of ${path} failed: ${stringIn(value, 'message') ?? ''}`);
}
