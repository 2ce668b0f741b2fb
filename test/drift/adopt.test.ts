import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findDrift } from '../../pipelines/drift.ts';
import { indexDeclared } from '../../pipelines/drift/declared.ts';
import { adoptDrift, type AdoptionResult } from '../../pipelines/drift-adopt.ts';
import { renderSources } from '../../pipelines/render-sources.ts';
import { findRenderer, missingRenderer } from '../../pipelines/render/wasm-module.ts';
import type { Rendering } from '../../pipelines/render/rendering.ts';
import { readDump } from '../../pipelines/source/live-dump.ts';
import { readSources } from '../../pipelines/source/read-sources.ts';
import type { JsonObject } from '../../policies/core/json.ts';
import { defaultSettings } from '../../policies/core/read-settings.ts';
import { catalogue } from '../../policies/index.ts';
import { describeWith } from '../support/describe-with.ts';
import { patientRendering } from '../support/patient-rendering.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let rendering: Rendering;
beforeAll(() => {
  rendering = patientRendering();
});
afterAll(() => rendering.renderer.close());

/** A live object that `kubectl-edit` has edited; what it owns is named by its FieldsV1. */
function edited(object: JsonObject, owned: JsonObject): JsonObject {
  const { metadata, ...rest } = object;
  const entry = {
    manager: 'kubectl-edit',
    operation: 'Update',
    apiVersion: object['apiVersion'] ?? '',
    time: '2026-11-30T09:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: owned,
  };
  return { ...rest, metadata: { ...(metadata as JsonObject), managedFields: [entry] } };
}

async function adopt(
  files: Readonly<Record<string, string>>,
  live: readonly JsonObject[],
  {
    paths = ['.'],
    mayEdit = () => true,
  }: {
    readonly paths?: readonly string[];
    readonly mayEdit?: (file: string) => boolean;
  } = {},
): Promise<
  AdoptionResult & { readonly folder: string; readonly after: Readonly<Record<string, string>> }
> {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'repo/.git'), { recursive: true });
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, 'repo', file)), { recursive: true });
    writeFileSync(join(folder, 'repo', file), text);
  }
  const dump = join(folder, 'live.json');
  writeFileSync(dump, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: live }));
  const named = paths.map((path) => join(folder, 'repo', path));
  const read = await readSources({
    paths: named,
    ignore: [],
    except: [],
    readInput: () => Promise.resolve(Buffer.alloc(0)),
  });
  const sources = await renderSources(read, named, defaultSettings, rendering);
  expect(sources.errors).toEqual([]);
  try {
    const reading = await readDump(dump, () => Promise.resolve(Buffer.alloc(0)));
    if ('problems' in reading) {
      throw new Error(JSON.stringify(reading.problems));
    }
    const rules = { catalogue, settings: defaultSettings, now: Date.now() };
    const report = await findDrift({ declared: indexDeclared(sources), live: reading.live, rules });
    const result = await adoptDrift(report, sources, mayEdit);
    const after = Object.fromEntries(
      result.files.map(({ file, after: text }) => [file.slice(file.indexOf('repo/') + 5), text]),
    );
    return { ...result, folder, after };
  } finally {
    await sources.close?.();
  }
}

const rule = (spec: JsonObject, name = 'ledger'): JsonObject => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'DestinationRule',
  metadata: { name, namespace: 'shop' },
  spec,
});

const problems = ({ notes }: AdoptionResult): readonly (string | undefined)[] =>
  notes.map(({ problem }) => problem);

describe('plain files', () => {
  const source = `# Owned by the payments team.
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: ledger
  namespace: shop
spec:
  host: ledger
  trafficPolicy:
    tls:
      mode: MUTUAL # as agreed
  exportTo:
    - .
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: orders, namespace: shop}
spec:
  host: orders # the old one
`;

  test('get the live values, each on its line, in every document', async () => {
    const { after, notes } = await adopt({ 'rules.yaml': source }, [
      edited(
        rule({
          host: 'ledger',
          trafficPolicy: { tls: { mode: 'DISABLE' } },
          exportTo: ['.', 'bank'],
        }),
        { 'f:spec': { 'f:trafficPolicy': { 'f:tls': { 'f:mode': {} } }, 'f:exportTo': {} } },
      ),
      edited(
        rule({ host: 'orders.shop', workloadSelector: { matchLabels: { a: 'b' } } }, 'orders'),
        {
          'f:spec': { 'f:host': {}, 'f:workloadSelector': { 'f:matchLabels': { 'f:a': {} } } },
        },
      ),
    ]);
    expect(notes.filter(({ problem }) => problem !== undefined)).toEqual([]);
    expect(after).toEqual({
      'rules.yaml': source
        .replace('mode: MUTUAL', 'mode: DISABLE')
        .replace('    - .\n', '    - .\n    - bank\n')
        .replace(
          'host: orders # the old one\n',
          'host: orders.shop # the old one\n  workloadSelector:\n    matchLabels:\n      a: b\n',
        ),
    });
  });

  test('lose what the cluster lacks, and get what others put into a list', async () => {
    const { after, notes } = await adopt(
      {
        'a.yaml': `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: ledger, namespace: shop}
spec:
  host: ledger
  exportTo:
    - .
  subsets:
    - name: v1 # first
      labels: {version: v1}
    - name: v2
      labels: {version: v2}
`,
      },
      [
        edited(
          rule({
            host: 'ledger',
            subsets: [
              { name: 'v1', labels: { version: 'v1' } },
              { name: 'v2', labels: { version: 'v2' } },
              { name: 'v3', labels: { version: 'v3' } },
            ],
          }),
          { 'f:spec': { 'f:subsets': {} } },
        ),
      ],
    );
    expect(notes.filter(({ problem }) => problem !== undefined)).toEqual([]);
    expect(after['a.yaml']).toBe(`apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: ledger, namespace: shop}
spec:
  host: ledger
  subsets:
    - name: v1 # first
      labels: {version: v1}
    - name: v2
      labels: {version: v2}
    - name: v3
      labels:
        version: v3
`);
  });

  test('stay as they are where it would be a guess, with the reason', async () => {
    const secret = (value: string) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'key', namespace: 'shop' },
      data: { key: value },
    });
    const result = await adopt(
      {
        'a.yaml': `${JSON.stringify(rule({ host: 'gone' }, 'gone'))}\n`,
        's.yaml': `${JSON.stringify(secret('b2xk'))}\n`,
      },
      [rule({ host: 'stray' }, 'stray'), secret('bmV3')],
    );
    expect(result.files).toEqual([]);
    expect(problems(result)).toEqual(
      expect.arrayContaining([
        expect.stringContaining('the cluster does not have it'),
        expect.stringContaining('nothing tells which file'),
      ]),
    );
    expect(JSON.stringify(result.files)).not.toContain('bmV3');
  });

  test('outside of what may be edited are not', async () => {
    const result = await adopt(
      { 'a.yaml': `${JSON.stringify(rule({ host: 'a' }))}\n` },
      [rule({ host: 'b' })],
      { mayEdit: () => false },
    );
    expect(result.files).toEqual([]);
    expect(problems(result)).toEqual([expect.stringContaining('no regular file of what')]);
  });
});

const missing = findRenderer() === undefined ? missingRenderer : undefined;
describeWith(missing, 'rendered objects', () => {
  const base = {
    'base/kustomization.yaml': 'resources: [rule.yaml]\n',
    'base/rule.yaml': `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: ledger, namespace: shop}
spec:
  host: ledger
  trafficPolicy:
    tls: {mode: MUTUAL} # agreed
    connectionPool:
      tcp:
        maxConnections: 10
`,
    'prod/kustomization.yaml': 'resources: [../base]\npatches:\n  - path: pool.yaml\n',
    'prod/pool.yaml': `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: ledger, namespace: shop}
spec:
  trafficPolicy:
    connectionPool:
      tcp:
        maxConnections: 50 # for the sale
`,
  };
  const live = (mode: string, maxConnections: number) =>
    edited(
      rule({
        host: 'ledger',
        trafficPolicy: { tls: { mode }, connectionPool: { tcp: { maxConnections } } },
      }),
      { 'f:spec': { 'f:trafficPolicy': {} } },
    );

  test('are edited in the patch that sets the field', async () => {
    const { after, notes } = await adopt(base, [live('MUTUAL', 70)]);
    expect(notes).toMatchObject([{ field: { live: 70 } }]);
    expect(after).toEqual({
      'prod/pool.yaml': base['prod/pool.yaml'].replace('50 # for', '70 # for'),
    });
  });

  const overridden = base['prod/pool.yaml'].replace(
    '  trafficPolicy:\n',
    '  trafficPolicy:\n    tls:\n      mode: DISABLE\n',
  );

  test('are overridden by their own overlay where others share the source', async () => {
    const shared = {
      ...base,
      'test/kustomization.yaml': 'resources: [../base]\nnamespace: test\n',
    };
    const pool = { connectionPool: { tcp: { maxConnections: 10 } } };
    const other = rule({ host: 'ledger', trafficPolicy: { tls: { mode: 'MUTUAL' }, ...pool } });
    const result = await adopt(shared, [
      live('DISABLE', 50),
      { ...other, metadata: { name: 'ledger', namespace: 'test' } },
    ]);
    expect(result.after).toEqual({ 'prod/pool.yaml': overridden });
  });

  test('of one overlay are edited there, and not in files that may serve others', async () => {
    const mayEdit = (file: string): boolean => file.includes('repo/prod/');
    const result = await adopt(base, [live('DISABLE', 50)], { paths: ['prod'], mayEdit });
    expect(result.after).toEqual({ 'prod/pool.yaml': overridden });
    const bare = { ...base, 'prod/kustomization.yaml': 'resources: [../base]\n' };
    const { 'prod/pool.yaml': _, ...files } = bare;
    const refused = await adopt(files, [live('DISABLE', 10)], { paths: ['prod'], mayEdit });
    expect(refused.files).toEqual([]);
    expect(problems(refused)).toEqual([expect.stringContaining('no edit of one source')]);
  });

  test('of a chart are edited in the one value that the field shows', async () => {
    const chart = {
      'chart/Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.0.0\n',
      'chart/values.yaml': '# sizes\nmode: MUTUAL # agreed\npool: 10\n',
      'chart/templates/rule.yaml': `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: ledger, namespace: shop}
spec:
  host: ledger
  trafficPolicy:
    tls: {mode: {{ .Values.mode }} }
    connectionPool: {tcp: {maxConnections: {{ mul .Values.pool 2 }} } }
`,
    };
    const result = await adopt(chart, [live('DISABLE', 25)]);
    expect(result.after).toEqual({
      'chart/values.yaml': '# sizes\nmode: DISABLE # agreed\npool: 10\n',
    });
    expect(result.notes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ problem: expect.stringContaining('no edit of one source') }),
      ]),
    );
  });
});
