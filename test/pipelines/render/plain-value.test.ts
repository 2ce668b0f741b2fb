import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { constructFromEvents, parseEvents } from 'js-yaml';
import { plainValue, plainValues } from '../../../pipelines/render/plain-value.ts';
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

/** What all documents of a file hold, read at once, and one by one. */
function atOnce(source: string): readonly [unknown, readonly unknown[]] {
  const parts = splitDocuments(source);
  const events = parseEvents(source, { maxDepth: 500 });
  return [
    plainValues(source, events, parts),
    parts.map(({ text }) => plainValue(text, parseEvents(text, { maxDepth: 500 }))),
  ];
}

test.each([
  ['two documents', 'a: 1\n---\nb: 2\n'],
  ['a comment before the first', '# licence\n---\na: 1\n---\n[b]\n'],
  ['comments between and behind them', 'a: 1\n---\n# b\nb: 2\n---\nc: 3\n# end\n'],
  ['ends of documents', 'a: 1\n...\n---\nb: 2\n...\n# c\n'],
  ['values on the line of the mark', '--- {a: 1}\n--- b\n--- "c"\n--- |\n  d\n---\ne: 5\n'],
  ['marks that are none', 'a: |\n  ---\n  b\nc: x---\n---\n"---": 1\n'],
  ['a byte order mark', '\u{FEFF}a: 1\n---\nb: 2\n'],
  ['carriage returns', 'a: 1\r\n---\r\nb: 2\r\n'],
])('a file with %s reads the same at once and in parts', (_, source) => {
  const [together, apart] = atOnce(source);
  expect(together).toEqual(apart);
});

test.each([
  ['empty documents', '---\n---\na: 1\n---\n\n---\nb: 2\n---\n'],
  ['a document of which nothing but a comment is there', 'a: 1\n---\n# nothing\n---\nb: 2\n'],
  ['directives', '%YAML 1.1\n---\na: 1\n---\nb: 2\n'],
  ['an anchor in one document', 'a: &x 1\n---\nb: 2\n'],
  ['a key that is there twice in one', 'a: 1\n---\nb: 2\nb: 3\n'],
])('a file with %s is left to be read in parts', (_, source) => {
  expect(atOnce(source)[0]).toBeUndefined();
});

test('every file of the examples reads the same at once and in parts', async () => {
  let files = 0;
  for await (const file of glob('examples/**/*.yaml')) {
    const source = readFileSync(file, 'utf8');
    const [together, apart] = atOnce(source);
    if (together !== undefined) {
      expect(together).toEqual(apart);
      files += 1;
    }
  }
  expect(files).toBeGreaterThan(20);
});
