import type { Clock } from '../../../pipelines/source/github-pacing.ts';

/** A clock on which sleeping takes no time, and that remembers how long it slept. */
export interface TestClock extends Clock {
  readonly slept: number[];
  /** Ends the time that the requests under way have. */
  expire(): void;
}

/** Makes a clock that starts at the present, since tokens and certificates expire by the real one. */
export function testClock(): TestClock {
  let now = Date.now();
  const slept: number[] = [];
  const started: AbortController[] = [];
  return {
    slept,
    timeout() {
      const controller = new AbortController();
      started.push(controller);
      return controller.signal;
    },
    expire() {
      for (const controller of started.splice(0)) {
        controller.abort();
      }
    },
    now: () => now,
    async sleep(milliseconds) {
      slept.push(milliseconds);
      now += milliseconds;
      await Promise.resolve();
    },
  };
}
