import { setTimeout as delay } from 'node:timers/promises';
import { isTimeout } from './cluster-refusal.ts';
import { ApiStatusError, type ClusterRequest, type ClusterTransport } from './cluster-transport.ts';
import { readBytes, type OwnBytes } from './own-bytes.ts';

/** Asks an API server patiently: what it is too busy for now, or cannot answer while it restarts, is asked again. */
export interface ClusterReader {
  get(path: string): Promise<unknown>;
  /** What `take` makes of the answer's bytes; where it throws, the answer counts as damaged, and is asked for again. */
  read<Answer>(path: string, take: (bytes: OwnBytes) => Answer): Promise<Answer>;
  /** What a server-side apply would store, which is stored nowhere. */
  applyDry(path: string, object: unknown, manager: string): Promise<unknown>;
  /** Requests sent so far. */
  calls(): number;
}

/** What a reader works with; `signal` ends everything. */
export interface ReaderOptions {
  readonly transport: ClusterTransport;
  readonly signal: AbortSignal;
  /** How long an API server may be away before it is given up, in milliseconds. */
  readonly patienceMilliseconds?: number;
}

const answerMilliseconds = 60_000;
const mostAttempts = 10;
const backoffMilliseconds = { least: 250, most: 4000 };
const usualPatienceMilliseconds = 20_000;
const longestWaitMilliseconds = 60_000;
const restarting: ReadonlySet<number> = new Set([500, 502, 503, 504]);

/**
 * Makes a reader. It obeys `Retry-After`, and backs off from an API server that is away; how long it is away is counted
 * over all requests, so that many kinds do not wait one after the other for one that stays away.
 */
export function createReader(options: ReaderOptions): ClusterReader {
  const { transport, signal, patienceMilliseconds = usualPatienceMilliseconds } = options;
  let awaySince: number | undefined;
  let calls = 0;

  async function exchange(request: ClusterRequest): Promise<OwnBytes> {
    const either = AbortSignal.any([signal, AbortSignal.timeout(answerMilliseconds)]);
    return await readBytes(await transport.send(request, either));
  }

  async function persist<Answer>(
    request: ClusterRequest,
    take: (bytes: OwnBytes) => Answer,
  ): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        calls += 1;
        const answer = take(await exchange(request));
        awaySince = undefined;
        return answer;
      } catch (error) {
        const wait = signal.aborted ? undefined : waitAfter(error, attempt);
        if (wait === undefined || attempt >= mostAttempts || isGivenUp(error)) {
          throw error;
        }
        await delay(wait, undefined, { signal });
      }
    }
  }

  function isGivenUp(error: unknown): boolean {
    if (error instanceof ApiStatusError && error.status === 429) {
      return false;
    }
    const now = performance.now();
    awaySince ??= now;
    return now - awaySince > patienceMilliseconds;
  }

  return {
    get: (path) => persist(readOf(path), parse),
    read: (path, take) => persist(readOf(path), take),
    applyDry: (path, object, manager) =>
      persist(
        {
          method: 'PATCH',
          path: `${path}?dryRun=All&force=true&fieldManager=${encodeURIComponent(manager)}`,
          body: { type: 'application/apply-patch+yaml', text: JSON.stringify(object) },
        },
        parse,
      ),
    calls: () => calls,
  };
}

function readOf(path: string): ClusterRequest {
  return { method: 'GET', path, sharesConnection: true };
}

function parse(bytes: Buffer): unknown {
  return JSON.parse(bytes.toString('utf8')) as unknown;
}

/** Milliseconds to wait before asking again, undefined where that cannot help. */
function waitAfter(error: unknown, attempt: number): number | undefined {
  if (error instanceof ApiStatusError) {
    if (error.status !== 429 && !restarting.has(error.status)) {
      return undefined;
    }
    const asked = error.retryAfterMilliseconds;
    return asked === undefined ? backoff(attempt) : Math.min(asked, longestWaitMilliseconds);
  }
  // A list that took its whole time would take it again.
  return isTimeout(error) ? undefined : backoff(attempt);
}

/** Doubled each time, at random within the upper half. */
function backoff(attempt: number): number {
  const { least, most } = backoffMilliseconds;
  return Math.min(most, least * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
}
