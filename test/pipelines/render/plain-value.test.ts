import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { constructFromEvents, parseEvents } from 'js-yaml';
import { plainValue } from '../../../pipelines/render/plain-value.ts';
import { splitDocuments } from '../../../pipelines/render/split-documents.ts';
import { apiServerSchema } from '../../../pipelines/render/yaml-schema.ts';

function both(source: string): readonly [unknown, unknown] {
  const events = parseEvents(source, { maxDepth: 500 });
  return [
    plainValue(source, events),
    constructFromEvents(events, { source, schema: apiServerSchema })[0],
  ];
}

test.each([
  'a: yes\nb: No\nc: ~\nd:\ne: ""\nf: null\n',
  'a: 0x1F\nb: 0o17\nc: 017\nd: 1_000\ne: 1e3\nf: .5\ng: +1\nh: -1.5\ni: -a\nj: 1.2.3\nk: 09\n',
  'a: "yes"\nb: \'1\'\nc: !!str 1\n',
  'a: |\n  x\n\n  y\nb: >-\n  x\n  y\nc: |+\n  z\n\n',
  '[1, "a", {b: [], c: {}}, ~]\n',
  'a: plain\n  over lines\nb: "quoted\n  too"\n',
  '"a b": 1\n? c\n: 2\n',
  '-\n- - 1\n-\n  a: 1\n',
  'x\n',
  '---\na: 1\n',
  '2026-11-30: 2026-11-30T01:02:03Z\n',
])('%j', (source) => {
  const [plain, constructed] = both(source);
  expect(plain ?? constructed).toEqual(constructed);
});

test.each([
  ['a tag', 'a: !!str 1\n'],
  ['an anchor', 'a: &x 1\n'],
  ['an alias', 'a: &x 1\nb: *x\n'],
  ['a merge key', 'a: {<<: {b: 1}}\n'],
  ['a key that is no text', '1: a\n'],
  ['a key that is null', '~: a\n'],
  ['a key that is a list', '[a]: b\n'],
  ['a key that is there twice', 'a: 1\na: 2\n'],
  ['a key of the prototype', '__proto__: 1\n'],
  ['a second document', 'a: 1\n---\nb: 1\n'],
])('leaves %s to the parser', (_, source) => {
  expect(plainValue(source, parseEvents(source, {}))).toBeUndefined();
});

test('says the same of every manifest of the examples, and of nearly all of them by itself', async () => {
  let plain = 0;
  let documents = 0;
  for await (const file of glob('examples/**/*.yaml')) {
    for (const { text } of splitDocuments(readFileSync(file, 'utf8'))) {
      const [value, constructed] = both(text);
      expect(value ?? constructed).toEqual(constructed);
      plain += value === undefined ? 0 : 1;
      documents += 1;
    }
  }
  expect(documents).toBeGreaterThan(50);
  expect(plain / documents).toBeGreaterThan(0.9);
});
