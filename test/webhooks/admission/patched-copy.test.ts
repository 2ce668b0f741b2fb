import { expect, test } from '@jest/globals';
import { applyPatch, type Operation } from 'rfc6902';
import type { JsonObject } from '../../../policies/core/json.ts';
import type { PatchOperation } from '../../../policies/core/patch.ts';
import type { Pointer } from '../../../policies/core/pointer.ts';
import { patchedCopy } from '../../../webhooks/admission/patched-copy.ts';
import { seededRandom } from '../../support/random.ts';

const document: JsonObject = { a: { b: [1, 2, { c: 3 }], 'x/y': 1 }, d: null, e: 'text' };
const paths = [
  '/a',
  '/a/b',
  '/a/b/0',
  '/a/b/3',
  '/a/b/-',
  '/a/b/2/c',
  '/a/b/01',
  '/a/x~1y',
  '/d',
  '/d/x',
  '/e',
  '/e/0',
  '/f',
  '/f/g',
  '/a/b/9',
] as const;

test('says of random patches what an RFC 6902 library says', () => {
  const random = seededRandom(1);
  for (let round = 0; round < 2000; round += 1) {
    const operations = Array.from({ length: random.next(4) + 1 }, (): PatchOperation => {
      const path = random.pick(paths) as Pointer;
      const op = random.pick(['add', 'replace', 'remove'] as const);
      return op === 'remove' ? { op, path } : { op, path, value: { n: round } };
    });
    const copy = structuredClone(document) as Record<string, unknown>;
    const applies = libraryApplies(copy, operations);
    const own = patchedCopy(document, operations);
    if (applies && isStrict(operations)) {
      expect(own).toEqual(copy);
    } else if (!applies) {
      expect(own).toBeUndefined();
    }
  }
  expect(document).toEqual({ a: { b: [1, 2, { c: 3 }], 'x/y': 1 }, d: null, e: 'text' });
});

// The library takes `01` for an index, and writes past the end of a list; the RFC forbids both.
function isStrict(operations: readonly PatchOperation[]): boolean {
  return operations.every(
    ({ path, op }) => !/\/0\d/u.test(path) && !(path.endsWith('-') && op !== 'add'),
  );
}

test('keeps a member that is named like the prototype', () => {
  const hostile = JSON.parse('{"__proto__": {"x": 1}}') as JsonObject;
  const copy = patchedCopy(hostile, [{ op: 'add', path: '/__proto__/y' as Pointer, value: 2 }]);
  expect(JSON.stringify(copy)).toBe('{"__proto__":{"x":1,"y":2}}');
  expect(({} as Record<string, unknown>)['y']).toBeUndefined();
});

test('shares what it does not touch', () => {
  const copy = patchedCopy(document, [{ op: 'replace', path: '/e' as Pointer, value: 1 }]);
  expect(copy?.['a']).toBe(document['a']);
});

function libraryApplies(copy: unknown, operations: readonly PatchOperation[]): boolean {
  try {
    return applyPatch(copy, operations.map((one) => ({ ...one })) as Operation[]).every(
      (result) => result === null,
    );
  } catch {
    return false;
  }
}
