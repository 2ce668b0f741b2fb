import type { Clock } from '../../webhooks/clock.ts';

/** A clock that stands still until it is told to go on. */
export interface ManualClock extends Clock {
  /** Lets so much time pass, and wakes whoever has slept long enough. */
  advance(milliseconds: number): void;
  /** How many sleep. */
  sleeping(): number;
}

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** Makes a clock that begins at a time in milliseconds since the epoch. */
export function manualClock(start: number): ManualClock {
  let passed = 0;
  const sleepers = new Set<Sleeper>();
  return {
    now: () => start + passed,
    elapsed: () => passed,
    sleep(milliseconds, signal) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const sleeper = {
        until: passed + milliseconds,
        wake() {
          sleepers.delete(sleeper);
          resolve(undefined);
        },
      };
      if (signal.aborted || milliseconds <= 0) {
        resolve(undefined);
      } else {
        sleepers.add(sleeper);
        signal.addEventListener('abort', sleeper.wake, { once: true });
      }
      return promise;
    },
    advance(milliseconds) {
      passed += milliseconds;
      for (const sleeper of sleepers) {
        if (sleeper.until <= passed) sleeper.wake();
      }
    },
    sleeping: () => sleepers.size,
  };
}
