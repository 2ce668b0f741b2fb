import { gitHubErrorOf, limitMilliseconds, outOfTime } from './github-errors.ts';

/** The passing of time, so that tests need not wait for it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  /** Aborts when the time is over; `AbortSignal.timeout` where it is absent. */
  timeout?(milliseconds: number): AbortSignal;
}

/** A request as it is about to be sent. */
export interface PacedRequest {
  readonly method: string;
  readonly url: string;
  /** Sending it twice does no more than sending it once; reads and deletions always are. */
  readonly repeatable: boolean;
  /** What is asked for may not be there yet: GitHub answers 404 shortly after a pull request was opened. */
  readonly eventual: boolean;
}

/** Sends requests at a pace that GitHub allows, again where that may help, and never past the deadline. */
export type Pacer = <T>(
  request: PacedRequest,
  send: (timeoutMilliseconds: number) => Promise<T>,
) => Promise<T>;

const mostAttempts = 4;
const longestRequestMilliseconds = 30_000;
const betweenWritesMilliseconds = 1000;
const betweenNotificationsMilliseconds = 3000;
/** Comments and reviews notify people, wherever they are posted. */
const notifies = /\/(?:comments|reviews)$/u;

/**
 * Makes a pacer. Writes go one at a time, 1 s apart, 3 s where people are notified, as GitHub asks of integrations. A
 * refusal by a rate limit is obeyed and repeated; an error of the server is repeated only where that is harmless.
 * Source: docs.github.com, "Best practices for using the REST API".
 */
export function createPacer(clock: Clock, deadline: number): Pacer {
  let lastWrite = Promise.resolve();
  let nextWrite = 0;
  let nextNotification = 0;

  async function waitForTurn({ method, url }: PacedRequest): Promise<void> {
    const isNotification = method === 'POST' && notifies.test(new URL(url).pathname);
    const turn = lastWrite.then(async () => {
      const at = Math.max(nextWrite, isNotification ? nextNotification : 0);
      if (at > clock.now()) {
        await clock.sleep(at - clock.now());
      }
      nextWrite = clock.now() + betweenWritesMilliseconds;
      if (isNotification) {
        nextNotification = clock.now() + betweenNotificationsMilliseconds;
      }
    });
    lastWrite = turn;
    await turn;
  }

  return async (request, send) => {
    const isWrite = request.method !== 'GET' && !request.url.endsWith('/access_tokens');
    for (let attempt = 0; ; attempt += 1) {
      if (isWrite) {
        await waitForTurn(request);
      }
      const left = deadline - clock.now();
      if (left <= 0) {
        throw new OutOfTime();
      }
      try {
        return await send(Math.min(left, longestRequestMilliseconds));
      } catch (error) {
        const wait = waitAfter(error, request, attempt, clock.now());
        if (wait === undefined || attempt + 1 >= mostAttempts || clock.now() + wait >= deadline) {
          throw error;
        }
        await clock.sleep(wait);
      }
    }
  };
}

/** The deadline of the run has come before the work was done. */
class OutOfTime extends Error {
  constructor() {
    super('out of time before GitHub could be asked');
    this.name = outOfTime;
  }
}

function waitAfter(
  error: unknown,
  { method, repeatable, eventual }: PacedRequest,
  attempt: number,
  now: number,
): number | undefined {
  const refusal = gitHubErrorOf(error);
  if (refusal === undefined) {
    return undefined;
  }
  const limit = limitMilliseconds(refusal, attempt, now);
  if (limit !== undefined) {
    return limit;
  }
  const harmless = repeatable || method === 'GET' || method === 'DELETE';
  const mayHelp = refusal.status >= 500 || (eventual && refusal.status === 404);
  return harmless && mayHelp ? 1000 * (attempt + 1) ** 2 : undefined;
}
