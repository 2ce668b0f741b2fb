import { expect, test } from '@jest/globals';
import {
  proposeEdits,
  type EditedPath,
  type ProposalOutcome,
} from '../../pipelines/drift-pull-request.ts';
import { createGitHub } from '../../pipelines/source/github.ts';
import { servedForEachTest } from '../support/github/each-test.ts';
import { testClock } from '../support/github/clock.ts';
import { servedRepository } from '../support/github/state.ts';

const served = servedForEachTest(({ repository }) => {
  repository.commit({ 'a/rules.yaml': 'mode: MUTUAL\n', 'b.yaml': 'kept: true\n' });
});

const edit: EditedPath = {
  file: 'a/rules.yaml',
  before: 'mode: MUTUAL\n',
  after: 'mode: DISABLE\n',
};

function propose(files: readonly EditedPath[] = [edit]): Promise<ProposalOutcome> {
  const clock = testClock();
  const github = createGitHub({
    baseUrl: served.double.url,
    credentials: { token: 'ghp_someone' },
    clock,
    deadline: clock.now() + 600_000,
  });
  return proposeEdits({
    github,
    repository: { owner: servedRepository.owner, repo: servedRepository.repo },
    topic: 'adopt-Prod!',
    title: 'Adopt what the cluster prod has',
    body: 'Why and what.',
    files,
  });
}

const branches = (): readonly string[] =>
  served.repository
    .git('for-each-ref', '--format=%(refname:short)', 'refs/heads/meshgate')
    .split('\n');

test('edits become one commit on a branch, and a pull request', async () => {
  expect(await propose()).toMatchObject({ state: 'opened' });
  const [branch = ''] = branches();
  expect(branch).toMatch(/^meshgate\/adopt-prod--[\da-f]{10}$/u);
  expect(served.repository.git('diff', '--stat', `main..${branch}`)).toContain('1 file changed');
  expect(served.repository.git('show', `${branch}:a/rules.yaml`)).toBe('mode: DISABLE');
  expect(served.repository.git('show', `${branch}:b.yaml`)).toBe('kept: true');
  expect([...served.double.state.pulls.values()]).toMatchObject([
    { branch, title: 'Adopt what the cluster prod has', open: true },
  ]);
});

test('the same edits are proposed once, and not again after somebody closed them', async () => {
  await propose();
  expect(await propose()).toMatchObject({ state: 'open-before' });
  const [pull] = served.double.state.pulls.values();
  Object.assign(pull ?? {}, { open: false });
  expect(await propose()).toMatchObject({ state: 'closed-before' });
  expect(await propose([{ ...edit, after: 'mode: SIMPLE\n' }])).toMatchObject({ state: 'opened' });
  expect(served.double.state.pulls.size).toBe(2);
});

test('a file that is another one on the branch is not overwritten', async () => {
  expect(await propose([{ ...edit, before: 'mode: ISTIO_MUTUAL\n' }])).toMatchObject({
    problem: expect.stringContaining('a/rules.yaml is not on main as it was read'),
  });
  expect(branches()).toEqual(['']);
});

test.each([
  ['the tree', /POST .*\/git\/trees/u],
  ['the commit', /POST .*\/git\/commits/u],
  ['the branch', /POST .*\/git\/refs/u],
  ['the pull request', /POST .*\/pulls$/u],
])('the answer to %s is lost, and there is one of each all the same', async (_name, pattern) => {
  served.double.faults.add(pattern, { kind: 'after', status: 502 });
  expect(await propose()).toHaveProperty('pull');
  expect(branches()).toHaveLength(1);
  expect(served.double.state.pulls.size).toBe(1);
});

test('a run that was cut off after the branch is taken up', async () => {
  served.double.faults.add(/POST .*\/pulls$/u, { kind: 'status', status: 500 }, 4);
  await expect(propose()).rejects.toThrow('Server Error');
  expect(await propose()).toMatchObject({ state: 'opened' });
  expect(branches()).toHaveLength(1);
});

test('two at once open one', async () => {
  const outcomes = await Promise.all([propose(), propose()]);
  expect(outcomes.some((outcome) => 'state' in outcome)).toBe(true);
  expect(served.double.state.pulls.size).toBe(1);
  expect(branches()).toHaveLength(1);
});

test('a permission that is missing is told', async () => {
  served.double.state.denied.add('contents');
  expect(await propose()).toMatchObject({
    problem: expect.stringContaining('Resource not accessible'),
  });
});
