import { describe, expect, test } from '@jest/globals';
import { applyPatch } from 'rfc6902';
import type { Json, JsonObject } from '../../../policies/core/json.ts';
import {
  equalJson,
  operationsFor,
  type Change,
  type PatchOperation,
} from '../../../policies/core/patch.ts';
import { pointer, valueAt, type Pointer } from '../../../policies/core/pointer.ts';
import { seededRandom, type Random } from '../../support/random.ts';

/** A copy whose lists are of this realm, which `structuredClone` under jest does not give. */
function copyOf<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}

/** The document after the patch, by a library that knows nothing of ours; throws where an operation is not valid. */
function patched(document: JsonObject, operations: readonly PatchOperation[]): JsonObject {
  const copy = copyOf(document);
  const failures = applyPatch(
    copy,
    copyOf(operations) as unknown as Parameters<typeof applyPatch>[1],
  );
  expect(failures.filter((failure) => failure !== null)).toEqual([]);
  return copy;
}

describe('operationsFor', () => {
  test('makes missing parents once, and touches single fields', () => {
    const annotations = pointer('metadata', 'annotations');
    const changes: Change[] = [
      { at: pointer('metadata', 'annotations', 'a/b'), value: '1' },
      { at: pointer('metadata', 'annotations', 'c~d'), value: '2' },
      { at: pointer('spec', 'grace'), value: 60 },
    ];
    const document = { metadata: { name: 'x' }, spec: { grace: 30 } };
    expect(operationsFor(document, changes)).toEqual([
      { op: 'add', path: annotations, value: {} },
      { op: 'add', path: '/metadata/annotations/a~1b', value: '1' },
      { op: 'add', path: '/metadata/annotations/c~0d', value: '2' },
      { op: 'replace', path: '/spec/grace', value: 60 },
    ]);
    expect(document).toEqual({ metadata: { name: 'x' }, spec: { grace: 30 } });
  });

  test('gives nothing for what holds, whatever the order of members', () => {
    const document = { spec: { a: 1, b: [1, { c: 2, d: 3 }] } };
    const value = { b: [1, { d: 3, c: 2 }], a: 1 };
    expect(operationsFor(document, [{ at: pointer('spec'), value }])).toEqual([]);
    expect(operationsFor(document, [{ at: pointer('gone', 'too'), remove: true }])).toEqual([]);
  });

  test.each<[string, JsonObject, Change]>([
    ['under a scalar', { spec: 'text' }, { at: pointer('spec', 'a'), value: 1 }],
    ['under a scalar, deeper', { spec: 'text' }, { at: pointer('spec', 'a', 'b'), value: 1 }],
    ['beyond the end of a list', { list: [1] }, { at: pointer('list', 2), value: 1 }],
    ['in an entry beyond the end', { list: [1] }, { at: pointer('list', 3, 'a'), value: 1 }],
    ['at a name in a list', { list: [1] }, { at: pointer('list', 'a'), value: 1 }],
    ['at the dash of a list', { list: [1] }, { at: pointer('list', '-'), value: 1 }],
    ['at an index with a leading zero', { list: [1, 2] }, { at: pointer('list', '01'), value: 1 }],
  ])('drops what no valid operation can do: %s', (_, document, change) => {
    expect(operationsFor(document, [change])).toEqual([]);
  });

  test('appends at the end of a list, and replaces a null parent in one', () => {
    const change: Change = { at: pointer('list', 1, 'a'), value: 1 };
    expect(patched({ list: [0] }, operationsFor({ list: [0] }, [change]))).toEqual({
      list: [0, { a: 1 }],
    });
    const withNull = { list: [0, null, 2] };
    expect(patched(withNull, operationsFor(withNull, [change]))).toEqual({
      list: [0, { a: 1 }, 2],
    });
  });

  test('a later change sees what an earlier one left', () => {
    const changes: Change[] = [
      { at: pointer('a'), value: { kept: true } },
      { at: pointer('a', 'b'), value: 1 },
      { at: pointer('a', 'b'), value: 2 },
      { at: pointer('c'), remove: true },
      { at: pointer('c', 'd'), value: 3 },
    ];
    const document = { c: 'scalar' };
    expect(patched(document, operationsFor(document, changes))).toEqual({
      a: { kept: true, b: 2 },
      c: { d: 3 },
    });
  });

  test('any changes to any document: valid, effective, and nothing the second time', () => {
    const random = seededRandom(7);
    for (let round = 0; round < 400; round += 1) {
      const document = { a: anyJson(random, 3), b: anyJson(random, 2) };
      const changes = [anyChange(random), anyChange(random), anyChange(random)];
      const operations = operationsFor(document, changes);
      const after = patched(document, operations);
      const last = changes.slice(-1);
      expect(operationsFor(after, last)).toEqual([]);
      for (const { at, value } of last.filter((change) => operations.at(-1)?.path === change.at)) {
        expect(valueAt(after, at)).toEqual(value);
      }
    }
  });
});

function anyJson(random: Random, depth: number): Json {
  const leaf = random.pick<Json>([null, 1, 'text', true, {}, []]);
  if (depth === 0) return leaf;
  const members = [anyJson(random, depth - 1), anyJson(random, depth - 1)] as const;
  return random.pick<Json>([leaf, { a: members[0], '~/': members[1] }, [...members]]);
}

function anyChange(random: Random): { at: Pointer; value: Json } {
  const inner = Array.from({ length: random.next(3) }, () =>
    random.pick(['a', '~/', '0', '1', '2', '-']),
  );
  return { at: pointer(random.pick(['a', 'b', 'new']), ...inner), value: anyJson(random, 1) };
}

test('equalJson compares own members only', () => {
  expect(equalJson({ a: 1 }, JSON.parse('{"__proto__": 1}') as Json)).toBe(false);
  expect(equalJson({ toString: 1 }, { valueOf: 1 })).toBe(false);
  expect(equalJson([], {})).toBe(false);
  expect(equalJson(undefined, null)).toBe(false);
  expect(equalJson([1, [2]], [1, [2]])).toBe(true);
});
