import { describe, expect, test } from '@jest/globals';
import type { PullOutcome, PullReview } from '../../pipelines/github-review.ts';
import { findRenderer, missingRenderer } from '../../pipelines/render/wasm-module.ts';
import { describeWith } from '../support/describe-with.ts';
import { type Files } from '../support/git-repository.ts';
import { servedForEachTest } from '../support/github/each-test.ts';
import { type GitHubDouble } from '../support/github/double.ts';
import { gitBytes } from '../support/github/git-data.ts';
import { secondaryLimit } from '../support/github/faults.ts';
import { openPull, runReview, summariesOf } from '../support/github/run-review.ts';
import type { KeptPull } from '../support/github/state.ts';
import { deployment, many } from '../support/github/manifests.ts';

const served = servedForEachTest();

const open = (base: Files, head: Files): KeptPull => openPull(served.double, base, head);

const run = (options: Partial<PullReview> = {}): Promise<PullOutcome> =>
  runReview(served.double, served.clock, options);

const sticky = (): readonly string[] => summariesOf(served.double);

const posted = (): readonly string[] =>
  served.double.requests.filter((request) =>
    /^POST .*(?:comments|reviews|check-runs)$/u.test(request),
  );

function push(files: Files): void {
  const pull = served.double.state.pulls.get(5);
  if (pull !== undefined) {
    pull.head = served.repository.commit(files);
  }
}

const newestCheck = (): GitHubDouble['state']['checks'][number] | undefined =>
  served.double.state.checks.at(-1);

describe('a pull request', () => {
  test('gets a check run, a summary, and a suggestion on the line', async () => {
    open({ 'a.yaml': deployment('a', 2) }, { 'a.yaml': deployment('a', 1) });
    expect(await run()).toEqual({ state: 'reviewed', verdict: 'blocked', unposted: [] });
    expect(served.double.state.reviews).toHaveLength(1);
    expect(served.double.state.diffComments).toMatchObject([{ path: 'a.yaml', line: 7 }]);
    expect(served.double.state.diffComments[0]?.body).toContain(
      '```suggestion\n  replicas: 2\n```',
    );
    expect(sticky()).toHaveLength(1);
    expect(served.double.state.checks).toMatchObject([
      {
        conclusion: 'failure',
        title: '1 to fix before merging',
        actions: [{ identifier: 'rerun' }],
      },
    ]);
    expect(newestCheck()?.annotations).toMatchObject([
      { path: 'a.yaml', start_line: 7, annotation_level: 'failure' },
    ]);
  });

  test('without findings gets a green check run and a summary, and no review', async () => {
    open({ 'a.yaml': deployment('a', 2) }, { 'a.yaml': deployment('a', 3) });
    expect(await run()).toMatchObject({ verdict: 'clear' });
    expect(served.double.state.reviews).toEqual([]);
    expect(sticky()).toHaveLength(1);
    expect(newestCheck()).toMatchObject({ status: 'completed', conclusion: 'success' });
  });

  test('with warnings only is neutral, which branch protection lets through', async () => {
    open({}, { 'a.yaml': deployment('a', 2, 'bare') });
    await run();
    expect(newestCheck()).toMatchObject({ conclusion: 'neutral', title: '1 to look at' });
    expect(newestCheck()?.annotations).toMatchObject([{ annotation_level: 'warning' }]);
  });

  test('that cannot be read is never green', async () => {
    open({ 'a.yaml': deployment('a', 2) }, { 'a.yaml': 'apiVersion: [' });
    expect(await run()).toMatchObject({ verdict: 'incomplete' });
    expect(newestCheck()).toMatchObject({ conclusion: 'failure' });
    expect(newestCheck()?.annotations).toMatchObject([{ path: 'a.yaml' }]);
  });

  test('beside what could not be read before is neutral, and says so', async () => {
    open(
      { 'a.yaml': 'apiVersion: [' },
      { 'a.yaml': 'apiVersion: [', 'b.yaml': deployment('b', 2) },
    );
    expect(await run()).toMatchObject({ verdict: 'clear' });
    expect(newestCheck()).toMatchObject({
      conclusion: 'neutral',
      title: 'not everything could be read',
    });
  });

  test('whose base has a configuration that cannot be read says so', async () => {
    open(
      { 'meshgate.yaml': 'apiVersion: meshgate.dev/v1alpha1\nkind: MeshgateConfig\nmash: {}\n' },
      { 'a.yaml': deployment('a', 1) },
    );
    expect(await run()).toMatchObject({ state: 'unreviewable' });
    expect(newestCheck()).toMatchObject({ conclusion: 'failure' });
    expect(newestCheck()?.summary).toContain('meshgate.yaml');
    expect(sticky()[0]).toContain('could not be reviewed');
  });

  test('as a draft gets a check run only, and its comments when it is ready', async () => {
    const pull = open({}, { 'a.yaml': deployment('a', 1) });
    pull.draft = true;
    await run();
    expect([served.double.state.reviews, served.double.state.conversation]).toEqual([[], []]);
    expect(newestCheck()).toMatchObject({ conclusion: 'failure' });
    pull.draft = false;
    await run();
    expect(served.double.state.reviews).toHaveLength(1);
    expect(sticky()).toHaveLength(1);
  });

  test('that was closed is left alone', async () => {
    const pull = open({}, { 'a.yaml': deployment('a', 1) });
    pull.open = false;
    expect(await run()).toEqual({ state: 'closed' });
    expect(posted()).toEqual([]);
  });

  test('from a fork that was deleted is reviewed like any other', async () => {
    const pull = open({}, { 'a.yaml': deployment('a', 1) });
    served.double.state.pulls.set(5, { ...pull, headRepository: undefined } as never);
    expect(await run()).toMatchObject({ state: 'reviewed' });
  });
});

describe('drift', () => {
  const drifts = [
    { object: 'Deployment shop/a', verdict: 'changed' },
    { object: 'Deployment shop/other', verdict: 'changed' },
  ];

  test('of what the change touches is said in the summary', async () => {
    open({ 'a.yaml': deployment('a', 2) }, { 'a.yaml': deployment('a', 3) });
    const askDrift = () => Promise.resolve({ version: 1, cluster: 'prod`', drifts });
    expect(await run({ askDrift })).toEqual({ state: 'reviewed', verdict: 'clear', unposted: [] });
    expect(sticky()[0]).toContain(
      'The cluster `` prod` `` already differs from the base in 1 object that this change touches: `Deployment shop/a`.',
    );
  });

  test('that nobody could tell is said in the log alone', async () => {
    open({ 'a.yaml': deployment('a', 2) }, { 'a.yaml': deployment('a', 3) });
    const askDrift = () => Promise.reject(new Error('the function drift failed: out of memory'));
    expect(await run({ askDrift })).toEqual({
      state: 'reviewed',
      verdict: 'clear',
      unposted: [],
      driftProblem: 'the function drift failed: out of memory',
    });
    expect(sticky()[0]).not.toContain('cluster');
  });
});

describe('places', () => {
  test('are lines that the diff shows; a finding between hunks goes to its file', async () => {
    const unknown = deployment('a', 1).replace('apps/v1', 'example.com/v1');
    open(
      { 'a.yaml': unknown, 'b.yaml': many(3).replaceAll('replicas: 1', 'replicas: 2') },
      {
        'a.yaml': deployment('a', 1),
        'b.yaml': many(3),
      },
    );
    await run();
    expect(
      served.double.state.diffComments.map(({ path, line, onFile }) => [path, line, onFile]),
    ).toEqual([
      ['b.yaml', 7, undefined],
      ['b.yaml', 24, undefined],
      ['b.yaml', 41, undefined],
      ['a.yaml', undefined, true],
    ]);
  });

  test('thirty on lines, three on files, the rest in the text', async () => {
    open({}, { 'a.yaml': many(40) });
    expect(await run()).toMatchObject({ unposted: [] });
    expect(served.double.state.diffComments.filter(({ onFile }) => onFile !== true)).toHaveLength(
      30,
    );
    expect(served.double.state.diffComments.filter(({ onFile }) => onFile === true)).toHaveLength(
      3,
    );
    expect(served.double.state.reviews).toHaveLength(1);
    expect(served.double.state.reviews[0]?.body).toContain('7 new findings that no line');
    const before = posted().length;
    await run({ again: true });
    expect(posted().slice(before)).toEqual(['POST /repos/acme/shop/check-runs']);
  });

  test('a binary diff and CRLF get no suggestion', async () => {
    const crlf = deployment('a', 1).replaceAll('\n', '\r\n');
    open({}, { 'a.yaml': crlf, '.gitattributes': 'b.yaml binary\n', 'b.yaml': deployment('b', 1) });
    await run();
    expect(served.double.state.diffComments).toMatchObject([
      { path: 'a.yaml', line: 7 },
      { path: 'b.yaml', onFile: true },
    ]);
    expect(
      served.double.state.diffComments.filter(({ body }) => body.includes('```suggestion')),
    ).toEqual([]);
  });

  test('a fix that adds a line rewrites the line before it', async () => {
    const without = deployment('a', 1).replace('  replicas: 1\n', '');
    open({}, { 'a.yaml': without });
    await run();
    const [comment] = served.double.state.diffComments;
    expect(comment?.body).toMatch(/```suggestion\n.*\n {2}replicas: 2\n```|replicas: 2\n.*\n```/u);
  });

  test('annotations come in batches of fifty', async () => {
    open({}, { 'a.yaml': many(120) });
    await run();
    expect(newestCheck()?.annotations).toHaveLength(120);
  });
});

describe('from push to push', () => {
  test('what is gone is marked, what stays is not told twice, what returns is opened again', async () => {
    open({}, { 'a.yaml': deployment('a', 1), 'b.yaml': deployment('b', 1) });
    await run();
    const [first] = served.double.state.diffComments;
    served.double.state.diffComments.push({
      id: 9000,
      user: 'someone',
      body: 'Why?',
      answers: first?.id ?? 0,
    });
    push({ 'a.yaml': deployment('a', 2), 'b.yaml': deployment('b', 1) });
    await run();
    expect(served.double.state.reviews).toHaveLength(1);
    expect(served.double.state.diffComments).toHaveLength(3);
    expect(first?.body).toContain('**Resolved** as of');
    expect(first?.body).not.toContain('```suggestion');
    expect(sticky()).toHaveLength(1);
    push({ 'a.yaml': deployment('a', 1), 'b.yaml': deployment('b', 1) });
    await run();
    expect(served.double.state.reviews).toHaveLength(1);
    expect(first?.body).not.toContain('Resolved');
    expect(served.double.state.diffComments.at(2)).toMatchObject({ body: 'Why?' });
  });

  test('a push during the run supersedes it before it writes', async () => {
    const pull = open({}, { 'a.yaml': deployment('a', 1) });
    const old = pull.head;
    served.double.faults.before(/GET .*\/reviews$/u, () => {
      push({ 'a.yaml': deployment('a', 1), 'b.yaml': deployment('b', 1) });
    });
    expect(await run()).toEqual({ state: 'superseded' });
    expect([served.double.state.reviews, served.double.state.conversation]).toEqual([[], []]);
    expect(served.double.state.checks).toMatchObject([{ head: old, conclusion: 'cancelled' }]);
    await run({ before: old });
    expect(served.double.state.reviews).toHaveLength(1);
  });

  test('an unfinished check run of the head before a push is ended', async () => {
    const pull = open({}, { 'a.yaml': deployment('a', 1) });
    const old = pull.head;
    served.double.faults.add(/GET .*\/git\/trees\//u, { kind: 'cut' }, 100);
    served.double.faults.add(/PATCH .*check-runs/u, { kind: 'status', status: 500 }, 100);
    await expect(run()).rejects.toThrow('Unknown Error');
    while (served.double.faults.next('GET', '/git/trees/') !== undefined);
    while (served.double.faults.next('PATCH', '/check-runs') !== undefined);
    expect(newestCheck()).toMatchObject({ status: 'in_progress' });
    push({ 'a.yaml': deployment('a', 2) });
    await run({ before: old });
    expect(served.double.state.checks).toMatchObject([
      { head: old, conclusion: 'cancelled' },
      { conclusion: 'success' },
    ]);
  });
});

describe('exactly once', () => {
  test('a redelivery does nothing, a wanted repetition changes nothing', async () => {
    open({}, { 'a.yaml': deployment('a', 1) });
    await run();
    const before = served.double.requests.length;
    expect(await run()).toEqual({ state: 'done-before' });
    expect(posted()).toHaveLength(3);
    await run({ again: true });
    expect(served.double.state.reviews).toHaveLength(1);
    expect(sticky()).toHaveLength(1);
    expect(served.double.state.checks).toMatchObject([
      { conclusion: 'failure' },
      { conclusion: 'failure' },
    ]);
    expect(served.double.requests.slice(before).filter((line) => line.startsWith('PATCH'))).toEqual(
      Array.from({ length: 2 }, () => expect.stringContaining('check-runs')),
    );
  });

  test('two runs at once leave what one would', async () => {
    open({}, { 'a.yaml': many(4) });
    const outcomes = await Promise.all([run(), run()]);
    expect(outcomes.map(({ state }) => state)).toContain('reviewed');
    expect(served.double.state.diffComments).toHaveLength(4);
    expect(sticky()).toHaveLength(1);
    expect(served.double.state.checks.filter(({ status }) => status !== 'completed')).toEqual([]);
    expect(newestCheck()).toMatchObject({ conclusion: 'failure' });
  });

  test.each([
    ['a review', /POST .*\/reviews$/u],
    ['the summary', /POST .*\/issues\/5\/comments$/u],
    ['a comment on a file', /POST .*\/pulls\/5\/comments$/u],
    ['a check run', /POST .*\/check-runs$/u],
    ['annotations', /PATCH .*\/check-runs/u],
  ])('the answer to %s is lost', async (_name, pattern) => {
    open({}, { 'a.yaml': many(32), 'z.yaml': many(90) });
    served.double.faults.add(pattern, { kind: 'after', status: 502 });
    expect(await run()).toMatchObject({ state: 'reviewed', unposted: [] });
    const told = served.double.state.diffComments.map(({ body }) => body.split('\n')[0]);
    expect(new Set(told).size).toBe(told.length);
    expect(told).toHaveLength(33);
    expect(served.double.state.reviews).toHaveLength(1);
    expect(sticky()).toHaveLength(1);
    expect(newestCheck()?.annotations).toHaveLength(122);
    expect(served.double.state.checks.filter(({ status }) => status !== 'completed')).toEqual([]);
  });

  test('a crash in the middle is healed by the next run', async () => {
    open({}, { 'a.yaml': many(3) });
    served.double.faults.add(/POST .*\/issues\/5\/comments$/u, { kind: 'status', status: 500 }, 3);
    await expect(run()).rejects.toThrow('Server Error');
    expect(newestCheck()).toMatchObject({
      conclusion: 'cancelled',
      title: 'This could not be reviewed',
    });
    expect(await run()).toMatchObject({ state: 'reviewed' });
    expect(served.double.state.diffComments).toHaveLength(3);
    expect(sticky()).toHaveLength(1);
  });

  test('duplicates of ours are removed, the marker in words of others is not ours', async () => {
    open({}, { 'a.yaml': deployment('a', 1) });
    await run();
    const [summary] = served.double.state.conversation;
    const [comment] = served.double.state.diffComments;
    served.double.state.conversation.unshift({ id: 1, user: 'someone', body: summary?.body ?? '' });
    served.double.state.conversation.push({
      id: 9001,
      user: 'meshgate[bot]',
      body: summary?.body ?? '',
    });
    served.double.state.diffComments.push({
      id: 9002,
      user: 'meshgate[bot]',
      body: comment?.body ?? '',
    });
    served.double.state.diffComments.push({ id: 9003, user: 'someone', body: comment?.body ?? '' });
    await run({ again: true });
    expect(served.double.state.conversation.map(({ id }) => id)).toEqual([1, summary?.id]);
    expect(served.double.state.diffComments.map(({ id }) => id)).toEqual([comment?.id, 9003]);
  });
});

describe('what GitHub refuses', () => {
  test('one bad comment: all findings go into the text of the review', async () => {
    open({}, { 'a.yaml': many(3) });
    const message = 'Unprocessable Entity: "line must be part of the diff"';
    served.double.faults.add(/POST .*\/reviews$/u, { kind: 'status', status: 422, message });
    expect(await run()).toMatchObject({ state: 'reviewed' });
    expect(served.double.state.diffComments).toEqual([]);
    expect(served.double.state.reviews[0]?.body).toContain('3 new findings');
    await run({ again: true });
    expect(served.double.state.reviews).toHaveLength(1);
  });

  test('a second pending review: the stale one is deleted first', async () => {
    const pull = open({}, { 'a.yaml': deployment('a', 1) });
    served.double.state.reviews.push({
      id: 1,
      user: 'meshgate[bot]',
      body: '',
      commit: pull.head,
      state: 'PENDING',
    });
    expect(await run()).toMatchObject({ state: 'reviewed' });
    expect(served.double.state.reviews).toMatchObject([{ state: 'COMMENTED' }]);
  });

  test('comments, by a missing permission: the check run says so and holds the findings', async () => {
    open({}, { 'a.yaml': deployment('a', 1) });
    served.double.state.denied.add('pull_requests');
    const outcome = await run();
    expect(outcome).toMatchObject({
      state: 'reviewed',
      unposted: [expect.anything(), expect.anything()],
    });
    expect(newestCheck()?.summary).toContain('could not be posted');
    expect(newestCheck()?.annotations).toHaveLength(1);
  });

  test('check runs, by a missing permission: the comments are posted all the same', async () => {
    open({}, { 'a.yaml': deployment('a', 1) });
    served.double.state.denied.add('checks');
    expect(await run()).toMatchObject({ state: 'reviewed' });
    expect(served.double.state.diffComments).toHaveLength(1);
  });

  test.each([
    ['a secondary limit', secondaryLimit],
    [
      'too many requests',
      {
        kind: 'status',
        status: 429,
        message: 'slow down',
        headers: { 'retry-after': '7' },
      } as const,
    ],
    [
      'abuse, in the old words',
      {
        kind: 'status',
        status: 403,
        message: 'You have triggered an abuse detection mechanism',
      } as const,
    ],
    [
      'the primary limit',
      {
        kind: 'status',
        status: 403,
        message: 'API rate limit exceeded',
        headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '0' },
      } as const,
    ],
  ])('for a while: %s', async (_name, fault) => {
    open({}, { 'a.yaml': deployment('a', 1) });
    served.double.faults.add(/POST .*\/reviews$/u, fault);
    served.double.faults.add(/GET .*\/files$/u, fault);
    expect(await run()).toMatchObject({ state: 'reviewed', unposted: [] });
    expect(served.double.state.reviews).toHaveLength(1);
  });

  test('what was opened a moment ago is waited for', async () => {
    open({}, { 'a.yaml': deployment('a', 1) });
    served.double.faults.add(/GET .*\/pulls\/5(?:\/files)?$/u, { kind: 'status', status: 404 }, 2);
    served.double.faults.add(/GET .*\/compare\//u, { kind: 'cut' });
    expect(await run()).toMatchObject({ state: 'reviewed' });
  });

  test('a limit that lasts longer than the run has left ends it at once', async () => {
    open({}, { 'a.yaml': deployment('a', 1) });
    const hour = { kind: 'status', status: 429, headers: { 'retry-after': '3600' } } as const;
    served.double.faults.add(/GET .*\/pulls\/5$/u, hour);
    await expect(run()).rejects.toThrow('Server Error');
    expect(served.clock.slept).toEqual([]);
  });
});

describe('the pace', () => {
  test('of writes is one a second, and one in three seconds where people are notified', async () => {
    open({}, { 'a.yaml': many(33) });
    await run();
    // A check run, a review, three comments on files, the summary, annotations, the conclusion.
    const waited = served.clock.slept.reduce((sum, milliseconds) => sum + milliseconds, 0);
    expect(waited).toBeGreaterThanOrEqual(1000 + 4 * 3000 + 2 * 1000);
    expect(Math.max(...served.clock.slept)).toBeLessThanOrEqual(3000);
  });
});

describe('the trees', () => {
  const filler = (): Record<string, string> =>
    Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [
        `x/${String(index)}.yaml`,
        deployment(`x${String(index)}`, 2),
      ]),
    );

  test('of many files come as one archive, fetched without the token', async () => {
    open(filler(), { ...filler(), 'a.yaml': deployment('a', 1) });
    await run();
    expect(served.double.requests.filter((request) => request.includes('/codeload/'))).toHaveLength(
      1,
    );
    expect(served.double.requests.filter((request) => request.includes('/git/blobs/'))).toEqual([]);
    expect(served.double.state.diffComments).toHaveLength(1);
  });

  test('too large for one answer come folder by folder', async () => {
    open(filler(), { ...filler(), 'x/deep/a.yaml': deployment('a', 1) });
    served.double.state.truncated.add(served.double.state.pulls.get(5)?.head ?? '');
    expect(await run()).toMatchObject({ verdict: 'blocked' });
    expect(served.double.state.diffComments).toMatchObject([{ path: 'x/deep/a.yaml' }]);
  });

  test('hide nothing behind export-ignore or export-subst', async () => {
    open(filler(), {
      ...filler(),
      '.gitattributes': 'a.yaml export-ignore\nb.yaml export-subst\n',
      'a.yaml': deployment('a', 1),
      'b.yaml': deployment('b', 1).replace('name: b', 'name: b # $Format:%H$'),
    });
    await run();
    expect(served.double.state.diffComments.map(({ path }) => path)).toEqual(['a.yaml', 'b.yaml']);
  });

  test.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, 300)],
    ['not an archive', () => Buffer.from('<html>sorry</html>')],
    ['empty', () => Buffer.alloc(0)],
  ])('survive an archive that is %s', async (_name, damage) => {
    open(filler(), { ...filler(), 'a.yaml': deployment('a', 1) });
    const whole = served.double.archive;
    served.double.archive = (commit) => damage(whole(commit));
    expect(await run()).toMatchObject({ state: 'reviewed', verdict: 'blocked' });
    expect(served.double.state.diffComments).toHaveLength(1);
  });

  test('take nothing from an archive that lies: contents count by their hash', async () => {
    open(filler(), { ...filler(), 'a.yaml': deployment('a', 1) });
    const liar = served.repository.commit({ ...filler(), 'a.yaml': deployment('a', 2) });
    served.double.archive = () =>
      gitBytes(
        served.repository,
        'archive',
        '--format=tar.gz',
        '--prefix=../../../../escaped/',
        liar,
      );
    expect(await run()).toMatchObject({ verdict: 'blocked' });
    expect(served.double.state.diffComments).toHaveLength(1);
  });
});

const missing = findRenderer() === undefined ? missingRenderer : undefined;

describeWith(missing, 'a pull request with a kustomization', () => {
  const overlay = (replicas: number, more = ''): Files => ({
    'base/kustomization.yaml': 'resources: [a.yaml]\n',
    'base/a.yaml': deployment('a', replicas),
    'prod/kustomization.yaml': `namePrefix: prod-\nresources: [../base]\n${more}`,
  });

  test('gets its suggestion at the source, proven by rendering it', async () => {
    open(overlay(2), overlay(1));
    expect(await run()).toMatchObject({ state: 'reviewed', verdict: 'blocked' });
    expect(served.double.state.diffComments[0]).toMatchObject({ path: 'base/a.yaml', line: 7 });
    expect(served.double.state.diffComments[0]?.body).toContain(
      '```suggestion\n  replicas: 2\n```',
    );
  });

  test('gets a diff to copy where no line of the change sets the field', async () => {
    open(overlay(1, 'replicas: [{name: a, count: 2}]\n'), overlay(1));
    expect(await run()).toMatchObject({ state: 'reviewed', verdict: 'blocked' });
    expect(served.double.state.diffComments).toEqual([]);
    expect(served.double.state.reviews[0]?.body).toContain(
      'Suggested change in `base/a.yaml`:\n\n```diff\n@@ line 7 @@\n-  replicas: 1\n+  replicas: 2\n```',
    );
  });

  test('gets the change of the object where no source was found to edit', async () => {
    const count = (replicas: number): Files =>
      overlay(3, `replicas: [{name: a, count: ${String(replicas)}}]\n`);
    open(count(2), count(1));
    expect(await run()).toMatchObject({ state: 'reviewed', verdict: 'blocked' });
    const said = [...served.double.state.diffComments, ...served.double.state.reviews].map(
      ({ body }) => body,
    );
    expect(said.join('\n')).toContain('+ replicas: 2');
    expect(said.join('\n')).not.toContain('```suggestion');
  });
});

describe('hostile text', () => {
  test('cannot mention people, forge markers, break out of a block, or offer a suggestion', async () => {
    const name =
      '@someone <!-- meshgate:finding 0000000000000000 -->\n```suggestion\nevil\n```\n<img src=x onerror=y> [x](https://e.example)';
    open({}, { 'a.yaml': deployment(JSON.stringify(name), 1) });
    await run();
    const bodies = [
      ...served.double.state.diffComments.map(({ body }) => body),
      ...served.double.state.reviews.map(({ body }) => body),
      ...sticky(),
    ];
    expect(bodies).toHaveLength(3);
    for (const body of bodies) {
      const outside = body.replaceAll(
        /<code>.*?<\/code>|(?<marks>`+)[^`](?:.*?[^`])?\k<marks>(?!`)/gsu,
        '',
      );
      expect(outside).not.toMatch(/@someone|<img|(?<!\\)\]\(http/u);
      expect(body.slice(5)).not.toContain('<!-- meshgate:finding ');
      expect([...body.matchAll(/^`{3,}suggestion$/gmu)].length).toBeLessThan(2);
      expect(body).not.toMatch(/^evil$/mu);
    }
  });

  test('of a megabyte fits all the same', async () => {
    const name = 'n'.repeat(1_000_000);
    open({}, { 'a.yaml': deployment(name, 1), 'b.yaml': many(200) });
    expect(await run()).toMatchObject({ state: 'reviewed', unposted: [] });
  });
});
