import { expect, test } from '@jest/globals';
import { parsePointer, pointer } from '../../../policies/core/pointer.ts';
import { linesOf, positionOf } from '../../../pipelines/render/position.ts';
import { readPlaces } from '../../../pipelines/render/source-places.ts';

const text = `---
apiVersion: v1
metadata:
  name: x
  annotations:
    a/b: |
      one: 1

      two: 2
    c: |-

      x: 1
spec: &s
  items:
  - name: a
    v: {x: 1}
  - name: b
other: *s
m:
  <<: *s
  yes: 1
`;
const places = readPlaces(text);

test.each([
  ['', undefined, [2, 1], [2, 21]],
  ['/metadata/name', undefined, [4, 3], [4, 4]],
  ['/metadata/annotations/a~1b', undefined, [6, 5], [6, 9]],
  ['/metadata/annotations/a~1b', 1, [7, 7], [6, 9]],
  ['/metadata/annotations/a~1b', 3, [9, 7], [6, 9]],
  ['/metadata/annotations/a~1b', 30, [6, 5], [6, 9]],
  ['/metadata/annotations/c', 2, [12, 7], [10, 12]],
  ['/metadata/name', 1, [4, 3], [4, 4]],
  ['/spec/items/1/name', undefined, [17, 5], [17, 17]],
  ['/spec/items/0/v/x', undefined, [16, 9], [16, 16]],
  // Absent: the nearest parent.
  ['/spec/items/1/absent/deep', undefined, [17, 5], [17, 17]],
  ['/metadata/labels/app', undefined, [3, 1], [3, 3]],
  ['/absent', undefined, [2, 1], [2, 2]],
  // Through an alias, a merge, and a key that means true.
  ['/other/items/0', undefined, [15, 5], [15, 16]],
  ['/m/items/0/v/x', undefined, [16, 9], [16, 16]],
  ['/m/true', undefined, [21, 3], [21, 21]],
] as const)('%s, line %s', (at, lineWithin, place, lines) => {
  const position = positionOf(places, parsePointer(at) ?? pointer('?'), lineWithin);
  const span = linesOf(places, parsePointer(at) ?? pointer('?'));
  expect([
    [position.line, position.column],
    [span.first, span.last],
  ]).toEqual([place, lines]);
});

test.each([
  // Ends where the last member does, not with the comment below it.
  ['a:\n  b: 1\n# of c\nc: 2\n', '/a', [1, 2]],
  ['a: {\n  b: [1, # ]\n    2\n  ],\n  c: {}\n  }\n', '/a', [1, 6]],
  ['a: {\n  b: [1, # ]\n    2\n  ],\n  c: {}\n  }\n', '/a/b', [2, 4]],
  ['a: [b: 1,\n  c: "]\n  "\n ]\n', '/a', [1, 4]],
  ['a: [b: 1,\n  c: "]\n  "\n ]\n', '/a/1/c', [2, 3]],
  ['a: "x\n  y"\n', '/a', [1, 2]],
  ['a:\n\nb: 1\n', '/a', [1, 1]],
  ['? a\n:\n  b: 1\n', '/a/b', [3, 3]],
  ['a: &x\n  b: 1\nc: {<<: [*x], d: 2}\n', '/c/b', [2, 2]],
  ['"a/b": 1\n"no": 2\n', '/no', [2, 2]],
  ['on: 1\n"on": 2\n', '/true', [1, 1]],
  ['- a\n- - b\n  - c: [\n     1]\n', '/1/1/c', [3, 4]],
  ['{"a": [\n  {"b": 1},\n  {"c": 2}\n], "d": []\n}\n', '/a/1', [3, 3]],
] as const)('%j, %s', (source, at, lines) => {
  const span = linesOf(readPlaces(source), parsePointer(at) ?? pointer('?'));
  expect([span.first, span.last]).toEqual(lines);
});

test('brackets may stand left of their block', () => {
  const shallow = readPlaces('a:\n  b: {\nc: 1, d: [\n2\n]}\n  e: 1\n');
  expect(positionOf(shallow, pointer('a', 'b', 'd'))).toEqual({ line: 3, column: 7 });
  expect(linesOf(shallow, pointer('a', 'b'))).toEqual({ first: 2, last: 5 });
  expect(positionOf(shallow, pointer('a', 'e'))).toEqual({ line: 6, column: 3 });
});

test('a text that is no YAML has a first line', () => {
  expect(positionOf(readPlaces('a: [1\nb: 2'), pointer('b'))).toEqual({ line: 1, column: 1 });
});

test('an empty text has a first line', () => {
  expect(positionOf(readPlaces(''), pointer('a'))).toEqual({ line: 1, column: 1 });
});
