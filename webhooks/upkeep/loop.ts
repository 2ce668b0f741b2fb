import { isConflict } from '../../pipelines/source/cluster-writer.ts';
import type { Clock } from '../clock.ts';

/** Something that is done again and again, each time telling when the next time is. */
export interface Loop {
  /** Does it now, or once more soon after what runs. */
  wake(): void;
  /** Ends it after what runs. */
  stop(): Promise<void>;
}

/** What a loop does. */
export interface LoopOptions {
  readonly clock: Clock;
  /** Gives the milliseconds until the next time; `Infinity`: only when woken. */
  readonly work: () => Promise<number>;
  readonly onProblem: (error: unknown) => void;
}

const leastMilliseconds = 250;
const longestMilliseconds = 24 * 60 * 60 * 1000;
const conflictMilliseconds = 1000;
const backoff = { first: 1000, longest: 60_000 };

/** Starts a loop. What `work` rejects with is told, and tried again ever later; a conflict is tried again soon. */
export function startLoop({ clock, work, onProblem }: LoopOptions): Loop {
  const stopping = new AbortController();
  let waking = new AbortController();
  let failures = 0;

  async function once(): Promise<number> {
    try {
      const wait = await work();
      failures = 0;
      return wait;
    } catch (error) {
      if (isConflict(error)) {
        return conflictMilliseconds;
      }
      failures += 1;
      onProblem(error);
      const longest = Math.min(backoff.first * 2 ** Math.min(failures - 1, 10), backoff.longest);
      return longest * (0.5 + Math.random() / 2);
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      waking = new AbortController();
      const wait = Math.min(await once(), longestMilliseconds);
      await clock.sleep(leastMilliseconds, stopping.signal);
      if (wait > leastMilliseconds) {
        const either = AbortSignal.any([waking.signal, stopping.signal]);
        await clock.sleep(wait - leastMilliseconds, either);
      }
    }
  }

  const running = run();
  return {
    wake() {
      waking.abort();
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
