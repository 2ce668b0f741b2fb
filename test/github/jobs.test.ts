import { describe, expect, test } from '@jest/globals';
import { runJob, type GitHubJob, type JobOutcome } from '../../pipelines/github-review-job.ts';
import { servedForEachTest } from '../support/github/each-test.ts';
import { testClock } from '../support/github/clock.ts';
import { deployment } from '../support/github/manifests.ts';
import { servedApp } from '../support/github/state.ts';
import { openPull } from '../support/github/run-review.ts';
import { replicasPolicy } from '../support/review-policy.ts';

const served = servedForEachTest(({ double }) => {
  openPull(double, { 'a.yaml': deployment('a', 2) }, { 'a.yaml': deployment('a', 1) });
  double.state.permissions.set('writer', 'write').set('reader', 'read');
});

async function run(task: GitHubJob['task'], milliseconds = 600_000): Promise<JobOutcome> {
  const clock = testClock();
  const runner = {
    appId: String(servedApp.id),
    privateKey: served.double.privateKey,
    baseUrl: served.double.url,
    catalogue: [replicasPolicy],
    version: '1.0.0',
    clock,
  };
  const { installation } = servedApp;
  const job = {
    version: 1,
    delivery: 'd',
    installation,
    owner: 'acme',
    repo: 'shop',
    task,
  } as const;
  return await runJob(job, runner, clock.now() + milliseconds);
}

async function say(user: string, body: string): Promise<JobOutcome> {
  served.double.state.conversation.push({ id: 8, user, body });
  return await run({ kind: 'command', pull: 5, comment: 8 });
}

const answers = (): readonly string[] =>
  served.double.state.conversation.slice(1).map(({ body }) => body);

describe('commands', () => {
  test('recheck reviews again what was reviewed before', async () => {
    await run({ kind: 'review', pull: 5, again: false });
    expect(await say('writer', '/meshgate recheck')).toMatchObject({ state: 'reviewed' });
    expect(served.double.state.checks).toHaveLength(2);
    expect(served.double.state.reviews).toHaveLength(1);
    expect(served.double.state.reactions).toEqual([{ comment: 8, content: 'eyes' }]);
  });

  test('explain says why, once', async () => {
    await say('writer', '/meshgate explain test/replicas');
    await run({ kind: 'command', pull: 5, comment: 8 });
    expect(answers()).toEqual([expect.stringContaining('One is none.')]);
  });

  test('explain names the nearest policy', async () => {
    await say('writer', '/meshgate explain test/replica');
    expect(answers()).toEqual([expect.stringContaining('did you mean "test/replicas"?')]);
  });

  test('exempt proposes, and exempts nothing', async () => {
    await say('writer', '/meshgate exempt test/replicas "yes: @all" ``` <!-- -->');
    expect(answers()).toEqual([
      expect.stringMatching(/exemptions:\n {2}- policy: test\/replicas\n.*names:\n {8}- a\n/su),
    ]);
    expect(answers()[0]).not.toMatch(/<!-- -->/u);
    await run({ kind: 'review', pull: 5, again: false });
    expect(served.double.state.checks.at(-1)).toMatchObject({ conclusion: 'failure' });
  });

  test.each(['reader', 'stranger', 'ghost'])('of a %s do nothing', async (user) => {
    expect(await say(user, '/meshgate recheck')).toEqual({ state: 'not-allowed' });
    expect(served.double.state.checks).toEqual([]);
    expect(served.double.state.reactions).toEqual([{ comment: 8, content: '-1' }]);
  });

  test('that are none are answered with those that are', async () => {
    await say('writer', '/meshgate merge');
    expect(answers()).toEqual([expect.stringContaining('/meshgate recheck')]);
  });

  test('that were deleted meanwhile do nothing', async () => {
    expect(await run({ kind: 'command', pull: 5, comment: 77 })).toEqual({ state: 'no-command' });
  });
});

describe('other events', () => {
  test('a commit leads to its pull request by our check run, as with forks', async () => {
    await run({ kind: 'review', pull: 5, again: false });
    const commit = served.double.state.pulls.get(5)?.head ?? '';
    expect(await run({ kind: 'commit', commit })).toMatchObject({ state: 'reviewed' });
    expect(await run({ kind: 'commit', commit: 'b'.repeat(40) })).toEqual({
      state: 'unknown-commit',
    });
  });

  test('a merge queue gets a check run and nothing else', async () => {
    const { base = '', head = '' } = served.double.state.pulls.get(5) ?? {};
    await run({ kind: 'group', base, head });
    expect(served.double.state.checks).toMatchObject([{ head, conclusion: 'failure' }]);
    expect([served.double.state.reviews, served.double.state.conversation]).toEqual([[], []]);
  });

  test('time that runs out is said on the check run', async () => {
    served.double.faults.add(/GET .*\/files$/u, {
      kind: 'status',
      status: 429,
      headers: { 'retry-after': '500' },
    });
    await expect(run({ kind: 'review', pull: 5, again: false }, 60_000)).rejects.toThrow(
      'Server Error',
    );
    expect(served.double.state.checks).toMatchObject([
      { conclusion: 'cancelled', title: 'This could not be reviewed' },
    ]);
  });
});
