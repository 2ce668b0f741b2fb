import { expect, test } from '@jest/globals';
import type { Finding } from '../../../policies/core/finding.ts';
import { parsePointer, pointer } from '../../../policies/core/pointer.ts';
import { referenceTo } from '../../../policies/core/resource.ts';
import { compareFindings, type FindingOn } from '../../../pipelines/compare/compare-findings.ts';
import type { Manifest } from '../../../pipelines/compare/manifest.ts';
import { pairManifests } from '../../../pipelines/compare/pair-manifests.ts';
import { manifestsOf } from './manifests.ts';

const pod = (name: string, containers: string): readonly Manifest[] =>
  manifestsOf(
    `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: shop}\nspec: {nodeName: a, containers: [${containers}]}\n`,
  );
const app = '{name: app, image: a, args: [x]}';
const log = '{name: log, image: l, args: [y]}';

function found(
  manifests: readonly Manifest[],
  at: string,
  rest: Partial<Finding> = {},
): FindingOn<Manifest> {
  const [manifest] = manifests;
  if (manifest === undefined) {
    throw new Error('no manifest');
  }
  const finding: Finding = {
    policy: 'test/images',
    message: 'no-tag',
    severity: 'error',
    text: '',
    remedy: '',
    object: referenceTo(manifest),
    at: parsePointer(at) ?? pointer(),
    data: {},
    mode: 'enforce',
    ...rest,
  };
  return { finding, manifest };
}

function compare(
  base: readonly [readonly Manifest[], ...(readonly FindingOn<Manifest>[])],
  head: readonly [readonly Manifest[], ...(readonly FindingOn<Manifest>[])],
): readonly [number, number, number] {
  const [before, ...old] = base;
  const [after, ...now] = head;
  const { introduced, resolved, remaining } = compareFindings(
    old,
    now,
    pairManifests(before, after),
  );
  return [introduced.length, resolved.length, remaining.length];
}

test('a finding follows its list element, and its object to a new name', () => {
  const before = pod('web', app);
  const after = pod('site', `${log}, ${app}`);
  const renamed = pod('site', app);
  expect(
    compare(
      [before, found(before, '/spec/containers/0/image')],
      [renamed, found(renamed, '/spec/containers/0/image')],
    ),
  ).toEqual([0, 0, 1]);
  const same = pod('web', `${log}, ${app}`);
  expect(
    compare(
      [before, found(before, '/spec/containers/0/image')],
      [same, found(same, '/spec/containers/1/image')],
    ),
  ).toEqual([0, 0, 1]);
  expect(
    compare(
      [before, found(before, '/spec/containers/0/image')],
      [after, found(after, '/spec/containers/0/image')],
    ),
  ).toEqual([1, 1, 0]);
});

test('the same finding on another element is new, and the old one is resolved', () => {
  const both = pod('web', `${app}, ${log}`);
  expect(
    compare(
      [both, found(both, '/spec/containers/0/image')],
      [both, found(both, '/spec/containers/1/image')],
    ),
  ).toEqual([1, 1, 0]);
});

test('other values, and another field of the same element, leave it the same', () => {
  const state = pod('web', app);
  const old = found(state, '/spec/containers/0/image', { data: { seconds: 1 } });
  const now = found(state, '/spec/containers/0/args', { data: { seconds: 2 } });
  expect(compare([state, old], [state, now])).toEqual([0, 0, 1]);
});

test('a graver one is introduced, a milder one remains', () => {
  const state = pod('web', app);
  const warning = found(state, '/spec', { severity: 'warning' });
  const error = found(state, '/spec');
  expect(compare([state, warning], [state, error])).toEqual([1, 0, 0]);
  expect(compare([state, error], [state, warning])).toEqual([0, 0, 1]);
});

test('of several in one place the surplus counts', () => {
  const state = pod('web', app);
  const one = found(state, '/spec', { data: { host: 'a' } });
  const other = found(state, '/spec', { data: { host: 'b' } });
  expect(compare([state, one], [state, other, one])).toEqual([1, 0, 1]);
  const { introduced } = compareFindings([one], [other, one], pairManifests(state, state));
  expect(introduced).toEqual([other]);
});

test('what goes with its object is resolved', () => {
  const state = pod('web', app);
  expect(compare([state, found(state, '/spec')], [[]])).toEqual([0, 1, 0]);
});
