import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { commands } from '../../cli/commands.ts';
import { run } from '../../cli/program.ts';
import type { Terminal } from '../../cli/terminal.ts';
import type { JsonReview } from '../../pipelines/present/json-review.ts';
import { createRepository, type TestRepository } from '../support/git-repository.ts';

let repository: TestRepository;
beforeEach(() => {
  repository = createRepository();
});
afterEach(() => {
  repository.remove();
});

const schema = JSON.parse(
  readFileSync(new URL('../../schemas/review-output.schema.json', import.meta.url), 'utf8'),
) as object;
const isReview = new Ajv({ strict: true, strictTypes: false }).compile(schema);

async function review(
  ...args: readonly string[]
): Promise<{ code: number; out: string; err: string }> {
  const written = { out: '', err: '' };
  const terminal: Terminal = {
    out: (text) => void (written.out += text),
    err: (text) => void (written.err += text),
    outIsTerminal: false,
    errIsTerminal: false,
    noColour: true,
    readInput: async () => await Promise.resolve(Buffer.alloc(0)),
    now: () => 0,
  };
  const code = await run(['review', '-C', repository.directory, ...args], terminal, commands);
  return { code, ...written };
}

const namespace = `apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
`;
const rule = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: ledger, namespace: shop}
spec:
  host: ledger.shop.svc.cluster.local
  trafficPolicy: {connectionPool: {tcp: {maxConnectionDuration: 60s}}}
`;

function ledger(drainSeconds: number): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ledger, namespace: shop}
spec:
  selector: {matchLabels: {app: ledger}}
  template:
    metadata:
      labels: {app: ledger}
      annotations:
        sidecar.istio.io/nativeSidecar: "false"
        proxy.istio.io/config: |
          terminationDrainDuration: ${String(drainSeconds)}s
    spec:
      terminationGracePeriodSeconds: ${String(drainSeconds + 30)}
      containers: [{name: app, image: "registry.example.com/ledger:4"}]
---
apiVersion: v1
kind: Service
metadata: {name: ledger, namespace: shop}
spec:
  selector: {app: ledger}
  ports: [{name: tcp-ledger, port: 7000}]
`;
}

function commitStates(before: number, after: number): void {
  const files = { 'shop/namespace.yaml': namespace, 'shop/rule.yaml': rule };
  repository.commit({ ...files, 'shop/ledger.yaml': ledger(before) });
  repository.commit({ ...files, 'shop/ledger.yaml': ledger(after) });
}

describe('meshgate review', () => {
  test('blocks a drain that no longer covers the connection TTL, and prints it as a comment', async () => {
    commitStates(150, 5);
    const { code, out, err } = await review('--base', 'HEAD~1');
    expect(err).toBe('');
    expect(out).toMatch(/^<!-- meshgate:review -->\n### meshgate: \d+ new problem/u);
    expect(out).toContain(
      '`drain/grace-covers-ttl` on `Deployment shop/ledger` at `shop/ledger.yaml:',
    );
    expect(code).toBe(1);
  });

  test('resolves it the other way round', async () => {
    commitStates(5, 150);
    const { code, out } = await review('--base', 'HEAD~1', '--head', 'HEAD', '--output', 'json');
    const result = JSON.parse(out) as JsonReview;
    expect(result.resolved.map(({ policy, object }) => `${policy} ${object.kind}`)).toContain(
      'drain/grace-covers-ttl Deployment',
    );
    expect(result.introduced).toEqual([]);
    expect(result.meaning.map(({ text }) => text)).toEqual([
      'Serving time after deletion goes from 5s to 150s for Deployment shop/ledger.',
    ]);
    expect(code).toBe(0);
  });

  test.each([
    [150, 5],
    [5, 150],
    [5, 6],
  ])('its JSON keeps to the published schema (%d s to %d s)', async (before, after) => {
    commitStates(before, after);
    const { out } = await review('--base', 'HEAD~1', '--output', 'json');
    isReview(JSON.parse(out));
    expect(isReview.errors ?? []).toEqual([]);
  });

  test('its JSON keeps to the schema with added, removed, renamed and unreadable objects', async () => {
    const secret =
      'apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: shop}\ndata: {a: b2xk}\n';
    repository.commit({ 'a.yaml': rule, 'b.yaml': namespace });
    repository.commit({
      'a.yaml': rule.replace('name: ledger', 'name: other'),
      'c.yaml': secret,
      'd.yaml': 'apiVersion: [',
    });
    const { code, out } = await review('--base', 'HEAD~1', '--output', 'json');
    const result = JSON.parse(out) as JsonReview;
    isReview(result);
    expect(isReview.errors ?? []).toEqual([]);
    expect(result.changes.map(({ change }) => change)).toEqual(['removed', 'renamed', 'added']);
    expect(result.renderErrors.map(({ path }) => path)).toEqual(['d.yaml']);
    expect(out).not.toContain('b2xk');
    expect(code).toBe(2);
  });

  test('says what is wrong with its arguments, and exits with 2', async () => {
    commitStates(150, 150);
    expect(await review('--base', 'nowhere')).toEqual({
      code: 2,
      out: '',
      err: expect.stringContaining('--base "nowhere" names no commit'),
    });
    expect(await review('--output', 'xml')).toMatchObject({ code: 2, out: '' });
  });
});
