import { describe, expect, test } from '@jest/globals';
import type { GitHubJob } from '../../../pipelines/github-review-job.ts';
import { createQueue } from '../../../webhooks/github/queue.ts';

function job(delivery: string, pull: number, again = false): GitHubJob {
  const task = { kind: 'review' as const, pull, again };
  return { version: 1, delivery, installation: 1, owner: 'acme', repo: 'shop', task };
}

/** Work that ends when the test says so. */
function heldWork(): {
  readonly started: GitHubJob[];
  readonly work: (job: GitHubJob) => Promise<void>;
  readonly end: (failing?: boolean) => Promise<void>;
} {
  const started: GitHubJob[] = [];
  const ends: ((failing: boolean) => void)[] = [];
  return {
    started,
    work: (one) => {
      started.push(one);
      return new Promise((resolve, reject) => {
        ends.push((failing) => (failing ? reject(new Error('no')) : resolve()));
      });
    },
    async end(failing = false) {
      ends.shift()?.(failing);
      await new Promise(setImmediate);
    },
  };
}

const limits = { parallel: 2, waiting: 2, retryMilliseconds: [] };

describe('the queue', () => {
  test('takes a delivery once, and again after it failed', async () => {
    const { started, work, end } = heldWork();
    const queue = createQueue(work, limits);
    expect([queue.add(job('a', 1)), queue.add(job('a', 1))]).toEqual([true, true]);
    await end(true);
    expect(queue.add(job('a', 1))).toBe(true);
    await end();
    queue.add(job('a', 1));
    expect(started).toHaveLength(2);
    await queue.stop();
  });

  test('runs one job at a time for a pull request, and of those that wait the newest', async () => {
    const { started, work, end } = heldWork();
    const queue = createQueue(work, limits);
    queue.add(job('a', 1));
    queue.add(job('b', 1, true));
    queue.add(job('c', 1));
    queue.add(job('d', 2));
    expect(started.map(({ delivery }) => delivery)).toEqual(['a', 'd']);
    expect(queue.count()).toEqual({ waiting: 1, running: 2 });
    await end();
    expect(started.at(-1)).toMatchObject({ delivery: 'c', task: { again: true } });
    await Promise.all([end(), end()]);
    await queue.stop();
  });

  test('refuses what it has no room for', async () => {
    const { work, end } = heldWork();
    const queue = createQueue(work, limits);
    const taken = [1, 2, 3, 4, 5].map((pull) => queue.add(job(String(pull), pull)));
    expect(taken).toEqual([true, true, true, true, false]);
    const stopped = queue.stop();
    await end();
    await end();
    await stopped;
    expect(queue.count()).toEqual({ waiting: 0, running: 0 });
  });

  test('tries again what failed, so often', async () => {
    let attempts = 0;
    const ended = Promise.withResolvers<undefined>();
    const queue = createQueue(
      async () => {
        attempts += 1;
        if (attempts === 3) ended.resolve(undefined);
        await Promise.reject(new Error('no'));
      },
      { ...limits, retryMilliseconds: [1, 1] },
    );
    queue.add(job('a', 1));
    await ended.promise;
    await queue.stop();
    expect(attempts).toBe(3);
  });
});
