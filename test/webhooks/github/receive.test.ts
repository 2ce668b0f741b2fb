import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import published from '@octokit/webhooks-examples' with { type: 'json' };
import { readJob, type GitHubJob } from '../../../pipelines/github-review-job.ts';
import { receive, type Reception } from '../../../webhooks/github/receive.ts';
import { isSigned } from '../../../webhooks/github/verify.ts';

/** Published examples of GitHub's events. */
const examples = published as unknown as readonly {
  readonly name: string;
  readonly examples: readonly Record<string, unknown>[];
}[];

const secret = "It's a Secret to Everybody";

function deliver(event: string, payload: unknown, headers: Record<string, string> = {}): Reception {
  const body = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  return receive(
    {
      headers: {
        'content-type': 'application/json',
        'x-github-event': event,
        'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
        'x-hub-signature-256': signature,
        ...headers,
      },
      body,
    },
    [secret],
  );
}

function examplesOf(event: string): readonly Record<string, unknown>[] {
  const found = examples.find(({ name }) => name === event);
  return found?.examples ?? [];
}

function withInstallation(payload: object): Record<string, unknown> {
  return { ...payload, installation: { id: 99 } };
}

function tasks(event: string, payload: object): readonly GitHubJob['task'][] {
  return deliver(event, withInstallation(payload)).jobs.map(({ task }) => task);
}

describe('the signature', () => {
  test("is GitHub's, over the bytes", () => {
    const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
    const body = Buffer.from('Hello, World!');
    expect(isSigned(body, signature, [secret])).toBe(true);
    expect(isSigned(body, signature, ['new one', secret])).toBe(true);
    expect(isSigned(Buffer.from('Hello, World'), signature, [secret])).toBe(false);
    expect(isSigned(body, signature.toUpperCase(), [secret])).toBe(false);
    expect(isSigned(body, undefined, [secret])).toBe(false);
    expect(
      isSigned(body, `sha256=${createHmac('sha256', '').update(body).digest('hex')}`, ['']),
    ).toBe(false);
  });

  test.each([
    [400, { 'x-github-event': undefined }],
    [400, { 'x-github-delivery': undefined }],
    [401, { 'x-hub-signature-256': 'sha256=00' }],
    [401, { 'x-hub-signature-256': undefined, 'x-hub-signature': 'sha1=00' }],
    [415, { 'content-type': 'application/x-www-form-urlencoded' }],
  ])('answers %d to headers %j', (status, headers) => {
    expect(deliver('pull_request', {}, headers as never)).toMatchObject({ status, jobs: [] });
  });

  test('comes before the JSON', () => {
    expect(deliver('pull_request', '{')).toMatchObject({ status: 400, jobs: [] });
    expect(deliver('pull_request', '{', { 'x-hub-signature-256': 'x' })).toMatchObject({
      status: 401,
    });
  });
});

describe("GitHub's examples", () => {
  test('of pull requests start a review where its outcome may have changed', () => {
    const wanted = examplesOf('pull_request').map((payload) => {
      const { action, number } = payload as { action: string; number: number };
      const [task] = tasks('pull_request', payload);
      return { action, matches: task !== undefined && 'pull' in task && task.pull === number };
    });
    const started = new Set(wanted.filter(({ matches }) => matches).map(({ action }) => action));
    const left = new Set(wanted.filter(({ matches }) => !matches).map(({ action }) => action));
    expect([...started].toSorted()).toEqual([
      'closed',
      'opened',
      'ready_for_review',
      'reopened',
      'synchronize',
    ]);
    expect([...left]).toEqual(expect.arrayContaining(['labeled', 'assigned', 'locked']));
  });

  test('of every other event ask for nothing that is not ours, and every job can be read', () => {
    const counts = new Map<string, number>();
    for (const { name, examples: payloads } of examples) {
      for (const payload of payloads) {
        const { status, jobs } = deliver(name, withInstallation(payload));
        expect([200, 202]).toContain(status);
        for (const job of jobs) {
          expect(readJob(JSON.parse(JSON.stringify(job)))).toEqual(job);
          expect(JSON.stringify(job).length).toBeLessThan(1000);
        }
        counts.set(name, (counts.get(name) ?? 0) + jobs.length);
      }
    }
    const asking = [...counts].filter(([, count]) => count > 0).map(([name]) => name);
    expect(asking.toSorted()).toEqual(['check_run', 'check_suite', 'merge_group', 'pull_request']);
  });

  test('without an installation are not of an App', () => {
    const payload = { ...examplesOf('pull_request')[0], action: 'opened', installation: undefined };
    expect(deliver('pull_request', payload).jobs).toEqual([]);
  });
});

describe('events that no example shows', () => {
  const [pull = {}] = examplesOf('pull_request');
  const [comment = {}] = examplesOf('issue_comment');
  const [run = {}] = examplesOf('check_run');
  const onPull = {
    ...comment,
    action: 'created',
    issue: { number: 5, pull_request: {} },
    comment: { id: 8, body: '/meshgate recheck' },
    sender: { type: 'User' },
  };

  test('a new base branch, but not a new title', () => {
    expect(
      tasks('pull_request', { ...pull, action: 'edited', changes: { base: {} } }),
    ).toHaveLength(1);
    expect(tasks('pull_request', { ...pull, action: 'edited', changes: { title: {} } })).toEqual(
      [],
    );
  });

  test('a fork that was deleted', () => {
    const fork = { ...(pull['pull_request'] as object), head: { repo: null, sha: 'x' } };
    expect(tasks('pull_request', { ...pull, action: 'opened', pull_request: fork })).toHaveLength(
      1,
    );
  });

  test('commands, from people and on pull requests only', () => {
    expect(tasks('issue_comment', onPull)).toEqual([{ kind: 'command', pull: 5, comment: 8 }]);
    expect(tasks('issue_comment', { ...onPull, sender: { type: 'Bot' } })).toEqual([]);
    expect(tasks('issue_comment', { ...onPull, issue: { number: 5 } })).toEqual([]);
    expect(tasks('issue_comment', { ...onPull, action: 'edited' })).toEqual([]);
    expect(
      tasks('issue_comment', { ...onPull, comment: { id: 8, body: 'see /meshgate' } }),
    ).toEqual([]);
  });

  test('the button of a check run of a fork, by the external id', () => {
    const sha = 'a'.repeat(40);
    const external = `meshgate:42:5:${sha}:${sha}:open:1.0.0`;
    const check = { external_id: external, head_sha: sha, pull_requests: [] };
    const button = { ...run, action: 'requested_action', check_run: check };
    expect(tasks('check_run', { ...button, requested_action: { identifier: 'rerun' } })).toEqual([
      { kind: 'review', pull: 5, again: true },
    ]);
    expect(tasks('check_run', { ...button, requested_action: { identifier: 'other' } })).toEqual(
      [],
    );
  });
});
