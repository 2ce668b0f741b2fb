import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from '@jest/globals';
import { runCli } from '../support/run-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const schema = JSON.parse(
  readFileSync(new URL('../../schemas/drift-output.schema.json', import.meta.url), 'utf8'),
) as object;
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

const declared = `
apiVersion: networking.istio.io/v1
kind: EnvoyFilter
metadata: {name: tune, namespace: shop}
spec: {configPatches: [{patch: {value: {token: hunter2, limit: 3}}}]}
---
apiVersion: v1
kind: Secret
metadata: {name: key, namespace: shop}
stringData: {password: hunter2}
`;
const list = `apiVersion: v1
items:
- apiVersion: networking.istio.io/v1
  kind: EnvoyFilter
  metadata: {name: tune, namespace: shop}
  spec: {configPatches: [{patch: {value: {token: hunter3, limit: 4}}}]}
- apiVersion: v1
  kind: Secret
  metadata: {name: key, namespace: shop}
  type: Opaque
  data: {password: aHVudGVyMw==}
kind: List
`;

describe('meshgate drift', () => {
  test('the JSON output is what its schema says, and no credential is in it', async () => {
    const folder = temporaryFolder({ 'app/a.yaml': declared, 'live.yaml': list });
    const run = await runCli(['drift', 'app', '--live', 'live.yaml', '-o', 'json'], { folder });
    expect(run.code).toBe(1);
    const report: unknown = JSON.parse(run.out);
    expect([validate(report), validate.errors]).toEqual([true, null]);
    expect(run.out).not.toMatch(/hunter|aHVudGVy/u);
    expect(report).toMatchObject({ cluster: 'live.yaml', verdict: 'drift' });
  });

  test('text groups by verdict and says what to do; the dump may come from standard input', async () => {
    const folder = temporaryFolder({ 'a.yaml': declared });
    const run = await runCli(['drift', 'a.yaml', '--live', '-'], { folder, input: list });
    expect(run.code).toBe(1);
    expect(run.out).toContain('Changed: the cluster has another value than Git');
    expect(run.out).toContain('/spec/configPatches/0/patch/value/limit');
    expect(run.out).toContain('What to do');
    expect(run.out).not.toMatch(/hunter/u);
  });

  test('a filter narrows both sides, and a folder of dumps counts as one', async () => {
    const [, secret = ''] = declared.split('---');
    const folder = temporaryFolder({
      'a.yaml': declared,
      'live/secret.yaml': secret,
      'live/other.json': JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [] }),
    });
    const args = ['drift', 'a.yaml', '--live', 'live', '--kind', 'Secret'];
    const run = await runCli(args, { folder });
    expect([run.code, run.out]).toEqual([0, expect.stringContaining('in sync')]);
  });

  test('an empty dump tells nothing, and a broken one is named with its line', async () => {
    const folder = temporaryFolder({ 'a.yaml': declared, 'none.yaml': '', 'bad.yaml': 'a: [\n' });
    const none = await runCli(['drift', 'a.yaml', '--live', 'none.yaml'], { folder });
    expect(none.code).not.toBe(0);
    const bad = await runCli(['drift', 'a.yaml', '--live', 'bad.yaml'], { folder });
    expect([bad.code, bad.err]).toEqual([2, expect.stringMatching(/bad\.yaml:\d+: broken YAML/u)]);
    const both = await runCli(['drift', '-', '--live', '-'], { folder });
    expect(both.code).toBe(2);
  });
});
