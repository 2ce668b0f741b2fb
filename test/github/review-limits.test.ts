import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { reviewOnGitHub } from '../../cli/review-github.ts';
import { servedForEachTest } from '../support/github/each-test.ts';
import { startGitHub, type GitHubDouble } from '../support/github/double.ts';
import { deployment, many } from '../support/github/manifests.ts';
import { openPull, runReview, summariesOf } from '../support/github/run-review.ts';

const served = servedForEachTest();

const newestCheck = (): GitHubDouble['state']['checks'][number] | undefined =>
  served.double.state.checks.at(-1);

describe('silence', () => {
  const met = (): void => served.clock.expire();

  test.each([
    ['the pull request', /GET .*\/pulls\/5$/u, 'silence'],
    ['the merge base', /GET .*\/compare\//u, 'half'],
    ['a tree', /GET .*\/git\/trees\//u, 'half'],
    ['a content', /GET .*\/git\/blobs\//u, 'silence'],
    ['the files of the diff', /GET .*\/files$/u, 'silence'],
    ['a review', /POST .*\/reviews$/u, 'silence'],
    ['a review that was posted', /POST .*\/reviews$/u, 'silence-after'],
    ['the summary', /POST .*\/issues\/5\/comments$/u, 'silence'],
    ['a summary that was posted', /POST .*\/issues\/5\/comments$/u, 'silence-after'],
    ['a comment on a file that was posted', /POST .*\/pulls\/5\/comments$/u, 'silence-after'],
    ['a check run that was made', /POST .*\/check-runs$/u, 'silence-after'],
    ['annotations that were taken', /PATCH .*\/check-runs/u, 'silence-after'],
  ] as const)('instead of %s leaves what an answer would', async (_, pattern, kind) => {
    openPull(served.double, {}, { 'a.yaml': many(32), 'z.yaml': many(90) });
    served.double.faults.add(pattern, { kind, met });
    expect(await runReview(served.double, served.clock)).toMatchObject({
      state: 'reviewed',
      unposted: [],
    });
    const told = served.double.state.diffComments.map(({ body }) => body.split('\n')[0]);
    expect(told).toHaveLength(33);
    expect(new Set(told).size).toBe(told.length);
    expect(served.double.state.reviews).toHaveLength(1);
    expect(summariesOf(served.double)).toHaveLength(1);
    expect(newestCheck()?.annotations).toHaveLength(122);
    expect(served.double.state.checks.filter(({ status }) => status !== 'completed')).toEqual([]);
  });

  test('that lasts is said in the check run, and the next run heals it', async () => {
    openPull(served.double, {}, { 'a.yaml': deployment('a', 1) });
    served.double.faults.add(/GET .*\/git\/blobs\//u, { kind: 'silence', met }, 4);
    await expect(runReview(served.double, served.clock)).rejects.toThrow('no answer within 30 s');
    expect(newestCheck()).toMatchObject({ conclusion: 'cancelled' });
    expect(newestCheck()?.summary).toContain('no answer within 30 s');
    expect(await runReview(served.double, served.clock)).toMatchObject({ state: 'reviewed' });
    expect(served.double.state.diffComments).toHaveLength(1);
  });
});

describe('another base branch', () => {
  test('in the middle of a run ends it before it writes, and the next run compares with it', async () => {
    const pull = openPull(
      served.double,
      {},
      { 'a.yaml': deployment('a', 1), 'b.yaml': deployment('b', 1) },
    );
    const other = served.repository.git(
      'commit-tree',
      '-p',
      pull.base,
      '-m',
      'x',
      treeWith('a.yaml'),
    );
    served.repository.git('reset', '--quiet', '--hard', other);
    const rebased = served.repository.commit({
      'a.yaml': deployment('a', 1),
      'b.yaml': deployment('b', 1),
    });
    pull.head = rebased;
    served.double.faults.before(/GET .*\/files$/u, () => {
      pull.base = other;
      pull.baseBranch = 'release';
    });
    expect(await runReview(served.double, served.clock)).toEqual({ state: 'superseded' });
    expect([served.double.state.reviews, served.double.state.conversation]).toEqual([[], []]);
    expect(served.double.state.checks).toMatchObject([{ conclusion: 'cancelled' }]);
    expect(await runReview(served.double, served.clock)).toMatchObject({ state: 'reviewed' });
    expect(served.double.state.diffComments.map(({ path }) => path)).toEqual(['b.yaml']);
    expect(summariesOf(served.double)[0]).toContain(other.slice(0, 10));
  });

  test('that only moves on does not disturb a run', async () => {
    const pull = openPull(served.double, {}, { 'a.yaml': deployment('a', 1) });
    const { base } = pull;
    served.double.faults.before(/GET .*\/files$/u, () => {
      pull.base = served.repository.git('commit-tree', '-p', base, '-m', 'x', `${base}^{tree}`);
    });
    expect(await runReview(served.double, served.clock)).toMatchObject({ state: 'reviewed' });
    expect(served.double.state.diffComments).toHaveLength(1);
  });
});

/** The tree of the newest commit with one of its files alone. */
function treeWith(file: string): string {
  served.repository.git('read-tree', '--empty');
  served.repository.git(
    'update-index',
    '--add',
    '--cacheinfo',
    `100644,${served.repository.git('rev-parse', `HEAD:${file}`)},${file}`,
  );
  return served.repository.git('write-tree');
}

test('more files than GitHub lists are all reviewed; what is not listed is told in the text', async () => {
  const fillers = Array.from({ length: 3010 }, (_, at) => `f/${String(at).padStart(4, '0')}.yaml`);
  const head = Object.fromEntries(fillers.map((path) => [path, 'a: b\n']));
  openPull(
    served.double,
    {},
    { ...head, 'a.yaml': deployment('a', 1), 'z.yaml': deployment('z', 1) },
  );
  expect(await runReview(served.double, served.clock)).toMatchObject({
    state: 'reviewed',
    verdict: 'blocked',
  });
  expect(served.double.state.diffComments.map(({ path }) => path)).toEqual(['a.yaml']);
  expect(served.double.state.reviews[0]?.body).toContain('`z.yaml:7:3`');
  expect(newestCheck()?.annotations.map(({ path }) => path)).toEqual(['a.yaml', 'z.yaml']);
});

describe('an Enterprise Server', () => {
  let enterprise: GitHubDouble;
  beforeEach(async () => {
    enterprise = await startGitHub(served.repository, '/api/v3');
  });
  afterEach(async () => {
    await enterprise.close();
  });

  test('is asked below its path by the App, archives and pages included', async () => {
    const filler = Object.fromEntries(
      Array.from({ length: 60 }, (_, at) => [
        `x/${String(at)}.yaml`,
        deployment(`x${String(at)}`, 2),
      ]),
    );
    openPull(enterprise, {}, { ...filler, 'a.yaml': many(120) });
    expect(await runReview(enterprise, served.clock)).toMatchObject({
      state: 'reviewed',
      unposted: [],
    });
    expect(enterprise.requests.some((request) => request.includes('/codeload/'))).toBe(true);
    expect(enterprise.state.checks.at(-1)?.annotations).toHaveLength(120);
  });

  test.each(['', '/'])(
    'is asked below its path by the command, with %j at the end',
    async (end) => {
      openPull(enterprise, {}, { 'a.yaml': deployment('a', 1) });
      const environment = {
        url: `${enterprise.url}${end}`,
        token: 'ghp_someone',
        appId: '',
        privateKey: '',
        webhookSecret: '',
        previousWebhookSecret: '',
      };
      let out = '';
      const terminal = {
        out: (text: string) => void (out += text),
        err: () => undefined,
        outIsTerminal: false,
        errIsTerminal: false,
        noColour: true,
        readInput: () => Promise.resolve(Buffer.alloc(0)),
        now: Date.now,
      };
      const pull = { owner: 'acme', repo: 'shop', number: 5 };
      await reviewOnGitHub(pull, { output: 'markdown' }, environment, terminal);
      expect(out).toContain('Deployment');
    },
  );
});
