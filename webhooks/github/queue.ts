import type { GitHubJob } from '../../pipelines/github-review-job.ts';
import { createRetries } from './retries.ts';
import { addWaiting, keyOf } from './waiting.ts';

/** Jobs that wait for their turn in this process. */
export interface JobQueue {
  /** Takes a job, unless its delivery was taken before; false where the queue is full. */
  add(job: GitHubJob): boolean;
  /** How many wait and how many run. */
  count(): { readonly waiting: number; readonly running: number };
  /** Takes no more and resolves when what runs has ended; what waits is left to a redelivery. */
  stop(): Promise<void>;
}

/** How much is done at a time, and how much may wait. */
export interface QueueLimits {
  readonly parallel: number;
  readonly waiting: number;
  /** When a job that failed is tried again: after so long each time, then no more. */
  readonly retryMilliseconds: readonly number[];
}

/** What two reviewers need at most; a repository's burst of pushes waits. */
const defaultQueueLimits: QueueLimits = {
  parallel: 2,
  waiting: 500,
  retryMilliseconds: [60_000, 120_000],
};

const rememberedDeliveries = 10_000;

/**
 * Makes a queue. Jobs on one pull request run one after the other, and of reviews that wait only the newest is kept. A
 * delivery counts once; one whose job failed may come again.
 */
export function createQueue(
  work: (job: GitHubJob) => Promise<void>,
  limits: QueueLimits = defaultQueueLimits,
): JobQueue {
  const waiting: GitHubJob[] = [];
  const running = new Map<string, Promise<void>>();
  const taken = new Set<string>();
  const retries = createRetries<GitHubJob>(limits.retryMilliseconds, (job) => {
    waiting.push(job);
    start();
  });

  function start(): void {
    while (running.size < limits.parallel) {
      const index = waiting.findIndex((job) => !running.has(keyOf(job)));
      const [job] = index < 0 ? [] : waiting.splice(index, 1);
      if (job === undefined) {
        return;
      }
      running.set(keyOf(job), run(job));
    }
  }

  async function run(job: GitHubJob): Promise<void> {
    try {
      await work(job);
      retries.forget(job);
    } catch {
      if (!retries.later(job)) {
        taken.delete(identityOf(job));
      }
    }
    running.delete(keyOf(job));
    start();
  }

  return {
    add(job) {
      const identity = identityOf(job);
      if (taken.has(identity)) {
        return true;
      }
      if (!addWaiting(waiting, job, limits.waiting)) {
        return false;
      }
      remember(taken, identity);
      start();
      return true;
    },
    count: () => ({ waiting: waiting.length, running: running.size }),
    async stop() {
      waiting.length = 0;
      await Promise.all(running.values());
      retries.stop();
    },
  };
}

function remember(taken: Set<string>, identity: string): void {
  taken.add(identity);
  const [oldest] = taken;
  if (taken.size > rememberedDeliveries && oldest !== undefined) {
    taken.delete(oldest);
  }
}

function identityOf({ delivery, task }: GitHubJob): string {
  return `${delivery} ${JSON.stringify(task)}`;
}
