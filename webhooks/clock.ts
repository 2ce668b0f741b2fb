import { setTimeout as delay } from 'node:timers/promises';

/** Time, as what runs by the clock is given it. */
export interface Clock {
  /** Milliseconds since the epoch: what certificates and other machines go by. */
  now(): number;
  /** Milliseconds that only go forward: what waits go by. */
  elapsed(): number;
  /** Resolves after so many milliseconds, or as soon as the signal says; never rejects. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** The clock of this machine. */
export function systemClock(now: () => number = Date.now): Clock {
  return {
    now,
    elapsed: () => performance.now(),
    async sleep(milliseconds, signal) {
      try {
        await delay(milliseconds, undefined, { signal });
      } catch {
        // The signal ended the wait.
      }
    },
  };
}
