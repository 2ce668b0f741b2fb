import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { tellDrift, type Told } from '../../pipelines/tell-drift.ts';
import { driftOf, driftReport } from '../support/drift-report.ts';
import { createRepository, type TestRepository } from '../support/git-repository.ts';
import { appClient } from '../support/github/app-client.ts';
import { testClock, type TestClock } from '../support/github/clock.ts';
import { startGitHub, type GitHubDouble } from '../support/github/double.ts';
import type { Fault } from '../support/github/faults.ts';
import { servedRepository } from '../support/github/state.ts';

let repository: TestRepository;
let double: GitHubDouble;
let clock: TestClock;
let commit: string;
beforeEach(async () => {
  repository = createRepository();
  repository.commit({ 'a.yaml': 'a: 1\n' });
  commit = repository.git('rev-parse', 'HEAD');
  double = await startGitHub(repository);
  clock = testClock();
  double.state.now = () => clock.now();
});
afterEach(async () => {
  await double.close();
  repository.remove();
});

const report = driftReport({ drifts: [driftOf('ledger')] });

/** Tells the same comparison as a run of its own would. */
async function tell(deadline?: number): Promise<Told> {
  const github = appClient(double, clock, deadline);
  const { owner, repo } = servedRepository;
  const checked = { report, github, repository: { owner, repo }, commit, checkedAt: clock.now() };
  return await tellDrift(checked, { topic: '', webhook: '' });
}

const unavailable: Fault = { kind: 'status', status: 503 };
const unauthorised: Fault = { kind: 'status', status: 401, message: 'Bad credentials' };
const issues = /^(?:GET|POST) \/repos\/acme\/shop\/issues$/u;
const checks = /check-runs/u;

function told(): object {
  return {
    issues: double.state.issues.length,
    comments: double.state.conversation.length,
    checks: double.state.checks.map(({ status, conclusion }) => `${status} ${String(conclusion)}`),
  };
}
const once = { issues: 1, comments: 0, checks: ['completed failure'] };

describe('while GitHub is down', () => {
  test.each([
    ['fails', unavailable],
    ['breaks the connection', { kind: 'cut' } as const],
    ['does not let us in', unauthorised],
  ])('the issue is what waits where it %s', async (_, fault) => {
    double.faults.add(issues, fault, 1000);
    expect(await tell()).toEqual({
      issue: 'failed',
      checkRun: true,
      problems: [expect.stringMatching(/^The drift issue could not be written: GitHub answered/u)],
      again: true,
    });
    double.faults.clear();
    expect(await tell()).toMatchObject({ issue: 'opened', problems: [], again: false });
    expect(told()).toEqual(once);
    await tell();
    expect(told()).toEqual(once);
  });

  test('the check run is what waits where only that cannot be written', async () => {
    double.faults.add(checks, unavailable, 1000);
    expect(await tell()).toMatchObject({
      issue: 'opened',
      checkRun: false,
      problems: [expect.stringContaining('The check run could not be written')],
      again: true,
    });
    double.faults.clear();
    expect(await tell()).toMatchObject({ issue: 'updated', checkRun: true, again: false });
    expect(told()).toEqual(once);
  });

  test('nothing is posted twice where what was written was not answered', async () => {
    double.faults.add(/^POST .*\/issues$/u, { kind: 'cut-after' }, 4);
    double.faults.add(/^POST .*\/check-runs$/u, { kind: 'after', status: 502 });
    await tell();
    double.faults.clear();
    await tell();
    expect(told()).toMatchObject({ issues: 1, comments: 0 });
    expect(double.state.checks.filter(({ conclusion }) => conclusion === 'failure')).toHaveLength(
      1,
    );
  });

  test('the time that is left bounds how long it is tried', async () => {
    const told = await tell(clock.now() - 1);
    expect(told).toMatchObject({ issue: 'failed', checkRun: false, again: true });
    expect(told.problems).toHaveLength(2);
    expect(double.requests).toEqual([]);
  });
});

test('what GitHub refuses is told and not tried again', async () => {
  double.faults.add(/^POST .*\/issues$/u, { kind: 'status', status: 403, message: 'Forbidden' });
  expect(await tell()).toMatchObject({ issue: 'refused', checkRun: true, again: false });
});
