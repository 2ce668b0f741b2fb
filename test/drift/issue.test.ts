import { describe, expect, test } from '@jest/globals';
import type { DriftDelta } from '../../pipelines/drift/record.ts';
import type { DriftReport } from '../../pipelines/drift/report.ts';
import { postDriftCheck } from '../../pipelines/drift-check-run.ts';
import { postDriftIssue, type DriftIssueOutcome } from '../../pipelines/drift-issue.ts';
import type { GitHub } from '../../pipelines/source/github.ts';
import { driftOf, driftReport, fieldOf } from '../support/drift-report.ts';
import { appClient } from '../support/github/app-client.ts';
import { servedForEachTest } from '../support/github/each-test.ts';
import { secondaryLimit } from '../support/github/faults.ts';
import { servedApp, servedRepository, type KeptIssue } from '../support/github/state.ts';

const served = servedForEachTest(({ double, clock }) => {
  double.state.now = () => clock.now();
});

const place = { owner: servedRepository.owner, repo: servedRepository.repo };
const bot = `${servedApp.slug}[bot]`;

function client(): GitHub {
  return appClient(served.double, served.clock);
}

function post(report: DriftReport, checkedAt = served.clock.now()): Promise<DriftIssueOutcome> {
  return postDriftIssue({ github: client(), repository: place, report, checkedAt });
}

async function later(milliseconds: number): Promise<void> {
  await served.clock.sleep(milliseconds);
}

const minute = 60_000;
const day = 24 * 60 * minute;
const one = driftReport({ drifts: [driftOf('ledger')] });
const two = driftReport({ drifts: [driftOf('ledger'), driftOf('orders')] });
const clean = driftReport({
  inSync: ['DestinationRule shop/ledger', 'DestinationRule shop/orders'],
});
const written = (): readonly string[] =>
  served.double.requests.filter(
    (request) => !request.startsWith('GET') && !request.endsWith('_tokens'),
  );
const comments = (): readonly string[] => served.double.state.conversation.map(({ body }) => body);
const issue = (): KeptIssue => {
  const [first] = served.double.state.issues;
  if (first === undefined) {
    throw new Error('there is no issue');
  }
  return first;
};

describe('the issue of a cluster', () => {
  test('is opened with the first difference, and never while all is in order', async () => {
    expect(await post(clean)).toMatchObject({ state: 'nothing-to-tell' });
    expect(await post(driftReport({ unknown: [{ object: 'Gateway', why: '403' }] }))).toMatchObject(
      {
        state: 'nothing-to-tell',
      },
    );
    expect(written()).toEqual([]);
    expect(await post(one)).toMatchObject({ state: 'opened' });
    expect(served.double.state.issues).toMatchObject([
      {
        user: bot,
        title: 'Drift: the cluster prod and Git',
        labels: ['meshgate-drift'],
        open: true,
      },
    ]);
    expect(issue().body).toContain('`DestinationRule shop/ledger`');
    expect(issue().body).toContain(
      'Git has `"MUTUAL"`, the cluster `"DISABLE"`; kubectl-edit set another value',
    );
    expect(comments()).toEqual([]);
  });

  test('is written anew in place, with the age, and without a comment while nothing changes', async () => {
    await post(one);
    await later(3 * day);
    expect(await post(one)).toMatchObject({ state: 'updated' });
    expect(served.double.state.issues).toHaveLength(1);
    expect(comments()).toEqual([]);
    expect(issue().body).toContain('seen first 3 days ago');
  });

  test('tells each change by one comment, whatever the times in it', async () => {
    await post(one);
    await later(30 * minute);
    const touched = fieldOf('/spec/trafficPolicy/tls/mode', 'MUTUAL', 'DISABLE', {
      time: '2026-11-30T10:00:00Z',
    });
    await post(driftReport({ drifts: [driftOf('ledger', { fields: [touched] })] }));
    expect(comments()).toEqual([]);
    expect(await post(two)).toMatchObject({ state: 'changed' });
    expect(comments()).toHaveLength(1);
    expect(comments()[0]).toContain('1 new');
    expect(comments()[0]).toContain(
      '`spec.trafficPolicy.tls.mode` of `DestinationRule shop/orders`',
    );
    const other = fieldOf('/spec/trafficPolicy/tls/mode', 'MUTUAL', 'SIMPLE');
    await post(
      driftReport({ drifts: [driftOf('ledger', { fields: [other] })], inSync: clean.inSync }),
    );
    expect(comments()[1]).toContain('1 with another value, 1 gone');
    expect(comments()[1]).toContain('in order: DestinationRule shop/orders');
  });

  test('is closed when all is in order, and reopened within seven days', async () => {
    await post(one);
    await later(minute);
    expect(await post(clean)).toMatchObject({ state: 'closed' });
    expect(issue()).toMatchObject({ open: false, reason: 'completed' });
    expect(comments()[0]).toContain('as Git declares again');
    expect(await post(clean)).toMatchObject({ state: 'nothing-to-tell' });
    await later(6 * day);
    expect(await post(two)).toMatchObject({ state: 'reopened' });
    expect(issue()).toMatchObject({ open: true, reason: 'reopened' });
    expect(comments()[1]).toContain('open again');
    expect(issue().body).toContain('seen first 0 minutes ago');
  });

  test('gives way to a new one after seven days in order', async () => {
    await post(one);
    await post(clean);
    await later(8 * day);
    expect(await post(one)).toMatchObject({ state: 'opened' });
    expect(served.double.state.issues.map(({ open }) => open)).toEqual([false, true]);
  });

  test('is reopened where somebody closed it while the cluster drifts, however long ago', async () => {
    await post(one);
    Object.assign(issue(), { open: false, closedAt: new Date(served.clock.now()).toISOString() });
    await later(20 * day);
    expect(await post(one)).toMatchObject({ state: 'reopened' });
    expect(served.double.state.issues).toHaveLength(1);
    expect(comments()).toHaveLength(1);
    expect(issue().body).toContain('seen first 20 days ago');
  });

  test('is not closed, and tells of no end, where something could not be told', async () => {
    await post(two);
    await later(minute);
    const unsure = driftReport({
      inSync: ['DestinationRule shop/orders'],
      unknown: [{ object: 'DestinationRule', why: 'the list broke off' }],
    });
    expect(await post(unsure)).toMatchObject({ state: 'changed' });
    expect(issue().open).toBe(true);
    expect(issue().body).toContain('the list broke off');
    expect(comments()[0]).toContain('1 gone, 1 that could not be checked again');
    await later(minute);
    expect(await post(one)).toMatchObject({ state: 'updated' });
    // Times are kept in minutes, and writing takes its seconds.
    expect(issue().body).toMatch(/seen first [23] minutes ago/u);
  });

  test('is one for each cluster, and nobody else can forge it', async () => {
    await post(one);
    await post({ ...one, cluster: 'staging' });
    expect(served.double.state.issues).toHaveLength(2);
    const forged = { ...issue(), number: 1, user: 'someone' };
    served.double.state.issues.push(forged, { ...issue(), number: 2, isPull: true });
    await later(minute);
    expect(await post(one)).toMatchObject({ state: 'updated', issue: issue().number });
    expect(forged.body).not.toContain('minutes ago.');
  });

  test('is found where GitHub dropped the label, and where somebody removed it', async () => {
    served.double.state.mayLabel = false;
    await post(one);
    await post(one);
    expect(served.double.state.issues).toHaveLength(1);
    served.double.state.mayLabel = true;
    await post(one);
    expect(issue().labels).toEqual(['meshgate-drift']);
  });

  test('stands as a newer check wrote it when an older one comes late', async () => {
    await post(two);
    expect(await post(one, served.clock.now() - minute)).toEqual({ state: 'superseded' });
    expect(issue().body).toContain('orders');
  });

  test('is not written where the permission is missing, and says so', async () => {
    served.double.state.denied.add('issues');
    expect(await post(one)).toMatchObject({
      state: 'refused',
      problem: expect.stringContaining('Resource not accessible'),
    });
  });
});

describe('size and text', () => {
  test('a body stays below 58,000 characters, drops whole findings and counts them', async () => {
    const drifts = Array.from({ length: 3000 }, (_, index) => driftOf(`rule-${String(index)}`));
    await post(driftReport({ drifts }));
    const { body } = issue();
    expect(body.length).toBeLessThan(58_000);
    expect(body).toMatch(/\d+ more not shown\./u);
    expect(
      body.split('\n').filter((line) => line.startsWith('- **changed**')).length,
    ).toBeGreaterThan(300);
    expect(await post(driftReport({ drifts }))).toMatchObject({ state: 'updated' });
    expect(comments()).toEqual([]);
  });

  test('hostile names and values show as text', async () => {
    const hostile =
      '--> @everyone <script>`x`</script> [a](http://b) ![i](http://c)\n<!-- meshgate:drift';
    const field = fieldOf('/metadata/labels/a~1b', hostile, `${hostile}\u202E`, {
      manager: hostile,
      why: hostile,
    });
    await post(
      driftReport({
        cluster: hostile,
        drifts: [driftOf('ledger', { fields: [field], why: hostile, file: hostile })],
        unknown: [{ object: hostile, why: hostile }],
      }),
    );
    const shown = issue().body.replace(/^<!--[^]*?-->/u, '');
    expect(shown).not.toContain('<!--');
    expect(shown).not.toContain('\u202E');
    const outside = shown.replaceAll(/(`+)[^`][^]*?\1/gu, '');
    expect(outside).not.toMatch(/@everyone|<script|https?:\/\/|(?<!\\)!\[|(?<!\\)\]\(/u);
    expect(
      await post(driftReport({ cluster: hostile, drifts: [driftOf('ledger')] })),
    ).toMatchObject({
      state: 'changed',
    });
  });
});

describe('exactly once', () => {
  test.each([
    ['the issue', /POST .*\/issues$/u],
    ['the comment', /POST .*\/comments$/u],
    ['the body', /PATCH .*\/issues\/\d+$/u],
  ])('the answer to %s is lost', async (_name, pattern) => {
    for (const kind of [{ kind: 'after', status: 502 }, { kind: 'cut-after' }] as const) {
      served.double.faults.add(pattern, kind);
    }
    await post(one);
    await later(minute);
    await post(two);
    await later(minute);
    await post(clean);
    while (served.double.faults.next('POST', '/issues') !== undefined);
    while (served.double.faults.next('PATCH', '/issues/1') !== undefined);
    expect(served.double.state.issues).toHaveLength(1);
    expect(comments()).toHaveLength(2);
    expect(issue().open).toBe(false);
  });

  test.each([
    /POST .*\/issues$/u,
    /POST .*\/comments$/u,
    /PATCH .*\/issues\/\d+$/u,
    /GET .*\/issues/u,
  ])('limits are waited for and errors of the server outlived: %s', async (pattern) => {
    served.double.faults.add(pattern, secondaryLimit);
    served.double.faults.add(pattern, {
      kind: 'status',
      status: 429,
      headers: { 'retry-after': '7' },
    });
    served.double.faults.add(pattern, { kind: 'status', status: 503 });
    await post(one);
    await post(two);
    await post(clean);
    while (served.double.faults.next('POST', '/issues') !== undefined);
    expect(served.double.state.issues).toHaveLength(1);
    expect(comments()).toHaveLength(2);
    expect(issue().open).toBe(false);
  });

  test('a run that ends between comment and body is taken up by the next', async () => {
    await post(one);
    await later(minute);
    served.double.faults.add(/PATCH .*\/issues\/\d+$/u, { kind: 'status', status: 500 }, 100);
    await expect(post(two)).rejects.toThrow('Server Error');
    while (served.double.faults.next('PATCH', '/repos/acme/shop/issues/1') !== undefined);
    expect(comments()).toHaveLength(1);
    await post(two);
    expect(comments()).toHaveLength(1);
    expect(issue().body).toContain('orders');
  });

  test('what the next run finds instead is told in the same comment', async () => {
    await post(one);
    await later(minute);
    served.double.faults.add(/PATCH .*\/issues\/\d+$/u, { kind: 'status', status: 500 }, 100);
    await expect(post(two)).rejects.toThrow('Server Error');
    while (served.double.faults.next('PATCH', '/repos/acme/shop/issues/1') !== undefined);
    await post(clean);
    expect(comments()).toHaveLength(1);
    expect(comments()[0]).toContain('as Git declares again');
    expect(issue().open).toBe(false);
  });

  test('runs at once leave one open issue and one comment', async () => {
    await Promise.all([post(one), post(one), post(one)]);
    expect(served.double.state.issues.filter(({ open }) => open)).toHaveLength(1);
    expect(issue().open).toBe(true);
    await later(minute);
    const at = served.clock.now();
    await Promise.all([post(two, at), post(two, at)]);
    await post(two, at);
    expect(served.double.state.conversation).toHaveLength(1);
    await later(minute);
    await post(clean);
    expect(served.double.state.issues.filter(({ open }) => open)).toEqual([]);
    expect(comments()).toHaveLength(2);
  });
});

describe('an announcement', () => {
  test('is made once for each change, before it counts as told', async () => {
    const told: string[] = [];
    const announce = (delta: DriftDelta, number: number | undefined): Promise<void> => {
      told.push(`${String(delta.added.length)} ${number === undefined ? 'new' : 'known'}`);
      return Promise.resolve();
    };
    const telling = (report: DriftReport) =>
      postDriftIssue({
        github: client(),
        repository: place,
        report,
        checkedAt: served.clock.now(),
        announce,
      });
    served.double.faults.add(/POST .*\/issues$/u, { kind: 'status', status: 502 });
    await telling(one);
    await telling(one);
    served.double.faults.add(/PATCH .*\/issues\/\d+$/u, { kind: 'cut' });
    await telling(two);
    await telling(clean);
    await telling(clean);
    expect(told).toEqual(['1 new', '1 known', '0 known']);
  });
});

describe('the check run of a commit', () => {
  test('fails on drift with the lines, and is not repeated while nothing changes', async () => {
    const commit = served.repository.commit({ 'a.yaml': '' });
    expect(await postDriftCheck(client(), place, { report: one, commit })).toBe(true);
    expect(served.double.state.checks).toMatchObject([
      {
        name: 'meshgate drift: prod',
        head: commit,
        conclusion: 'failure',
        title: 'prod differs from Git in 1 object',
        actions: [],
      },
    ]);
    expect(served.double.state.checks[0]?.annotations).toMatchObject([
      { path: 'base/rules.yaml', start_line: 12, annotation_level: 'warning' },
    ]);
    expect(await postDriftCheck(client(), place, { report: one, commit })).toBe(false);
    await postDriftCheck(client(), place, { report: clean, commit });
    expect(await postDriftCheck(client(), place, { report: one, commit })).toBe(true);
    expect(served.double.state.checks.map(({ conclusion }) => conclusion)).toEqual([
      'failure',
      'success',
      'failure',
    ]);
  });

  test('is neutral, never green, where not all could be told', async () => {
    const commit = served.repository.commit({ 'a.yaml': '' });
    const unsure = driftReport({ unknown: [{ object: 'Gateway', why: '403' }] });
    await postDriftCheck(client(), place, { report: unsure, commit });
    expect(served.double.state.checks).toMatchObject([{ conclusion: 'neutral' }]);
  });
});
