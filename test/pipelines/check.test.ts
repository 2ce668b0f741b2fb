import { describe, expect, test } from '@jest/globals';
import { defaultSettings } from '../../policies/core/read-settings.ts';
import { blocks, check, type CheckReport } from '../../pipelines/check.ts';
import { fixSources } from '../../pipelines/fix.ts';
import type { Rules } from '../../pipelines/judge.ts';
import type { Sources } from '../../pipelines/source/read-sources.ts';
import { fakePolicy } from '../support/fake-policy.ts';

const rules: Rules = { catalogue: [fakePolicy], settings: defaultSettings, now: 0 };

function sources(files: Readonly<Record<string, string>>, writable = true): Sources {
  const texts = Object.entries(files).map(([file, text]) => ({ file, text, writable }));
  return { texts, errors: [], notes: [] };
}

function deployment(name: string, spec = 'spec:\n  replicas: 1\n'): string {
  return `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ${name}\n${spec}`;
}

function service(name: string): string {
  return `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\n`;
}

function places(report: CheckReport): readonly string[] {
  return report.findings.map(
    ({ file, line, column, finding }) =>
      `${file}:${String(line)}:${String(column)} ${finding.message}`,
  );
}

describe('check', () => {
  test('all inputs make one mesh, and findings are sorted by place', async () => {
    const report = await check(
      sources({
        'z.yaml': service('one'),
        'b.yaml': `${deployment('two', '')}---\n${deployment('one')}`,
        'a.yaml': deployment('three', 'spec: {replicas: 200}\n'),
      }),
      rules,
    );
    expect(places(report)).toEqual([
      'a.yaml:1:1 alone',
      'b.yaml:1:1 few',
      'b.yaml:1:1 alone',
      'b.yaml:11:3 few',
    ]);
    expect(report.summary).toEqual({ documents: 4, objects: 4, error: 2, warning: 2, info: 0 });
    expect(blocks(report.findings)).toBe(true);
  });

  test('a line within an annotation is the line in the file', async () => {
    const text = deployment('x', 'spec: {replicas: 200}\n').replace(
      'metadata:\n',
      'metadata:\n  annotations:\n    a: |\n      one: 1\n      two: 2\n',
    );
    const report = await check(sources({ 'x.yaml': `---\n${text}` }), rules);
    expect(places(report)).toEqual(['x.yaml:2:1 alone', 'x.yaml:8:7 line']);
    const quoted = text.replace('|\n      one: 1\n      two: 2\n', '"one: 1\\ntwo: 2"\n');
    expect(places(await check(sources({ 'x.yaml': quoted }), rules))).toContain('x.yaml:5:5 line');
  });

  test('objects in a List have their own places, and operations are relative to them', async () => {
    const text =
      'apiVersion: v1\nkind: List\nitems:\n- apiVersion: apps/v1\n  kind: Deployment\n  metadata: {name: x}\n';
    const { findings } = await check(sources({ 'x.yaml': text }), rules);
    expect(findings[0]).toMatchObject({
      line: 4,
      column: 3,
      operations: [
        { op: 'add', path: '/spec', value: {} },
        { op: 'add', path: '/spec/replicas', value: 100 },
      ],
    });
  });

  test('of several objects with one identity each is judged, and the first stands in the mesh', async () => {
    const report = await check(
      sources({ 'a.yaml': deployment('x'), 'b.yaml': deployment('x', 'spec: {replicas: 2}\n') }),
      { ...rules, only: new Set([fakePolicy.id]) },
    );
    expect(places(report).filter((place) => place.endsWith('few'))).toEqual([
      'a.yaml:6:3 few',
      'b.yaml:5:8 few',
    ]);
  });

  test('errors of reading come sorted, with the errors of the sources', async () => {
    const { errors, findings } = await check(
      {
        ...sources({ 'b.yaml': `a: [\n---\n${deployment('x')}`, 'a.yaml': 'k: 1\nk: 2\n' }),
        errors: [{ file: 'c', line: 1, text: 'no such file or folder' }],
      },
      rules,
    );
    expect(errors.map(({ file }) => file)).toEqual(['a.yaml', 'b.yaml', 'c']);
    expect(findings).toHaveLength(2);
  });

  test('only the named policies run', async () => {
    const report = await check(sources({ 'a.yaml': deployment('x') }), {
      ...rules,
      only: new Set(['test/other']),
    });
    expect(report.findings).toEqual([]);
  });

  test('a huge document is placed as any other', async () => {
    const filler = `# ${'x'.repeat(1000)}\n`.repeat(4500);
    const report = await check(sources({ 'a.yaml': `${deployment('x')}${filler}` }), rules);
    expect(places(report)).toEqual(['a.yaml:1:1 alone', 'a.yaml:6:3 few']);
  });
});

describe('fix', () => {
  test('fixes several documents of a file, and settles', async () => {
    const text = `# one\n${deployment('x')}---\n# two\n${deployment('z', 'spec: # here\n  paused: false\n')}`;
    const result = await fixSources(sources({ 'a.yaml': text, 'b.yaml': service('x') }), rules);
    expect(result.files).toEqual([
      {
        file: 'a.yaml',
        before: text,
        after: text
          .replace('replicas: 1', 'replicas: 100')
          .replace('paused: false\n', 'paused: false\n  replicas: 100\n'),
      },
    ]);
    expect(result.fixed).toHaveLength(2);
    expect(result.refused).toEqual([]);
    expect(places(result.initial)).toHaveLength(3);
    expect(places(result.report)).toEqual(['a.yaml:10:1 alone']);
    const after = result.files[0]?.after ?? '';
    const again = await fixSources(sources({ 'a.yaml': after, 'b.yaml': service('x') }), rules);
    expect(again.files).toEqual([]);
  });

  test('tells what it cannot fix, and leaves it alone', async () => {
    const aliased = `x: &s {replicas: 1}\n${deployment('x', 'spec: *s\n')}`;
    const result = await fixSources(sources({ 'a.yaml': aliased }), rules);
    expect(result.files).toEqual([]);
    expect(result.refused).toEqual([
      { located: expect.anything(), problem: expect.stringContaining('alias') },
    ]);
    const input = await fixSources(sources({ 'a.yaml': deployment('x') }, false), rules);
    expect([input.files, input.refused.length]).toEqual([[], 1]);
  });
});
