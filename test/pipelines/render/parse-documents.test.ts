import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseDocument, parseDocuments } from '../../../pipelines/render/parse-documents.ts';

interface Vector {
  readonly source: string;
  readonly value?: unknown;
  readonly error?: boolean;
}

/** What sigs.k8s.io/yaml 1.6.0 (YAMLToJSONStrict) makes of each source. */
const vectors = JSON.parse(
  readFileSync(new URL('../../fixtures/yaml/go-yaml-vectors.json', import.meta.url), 'utf8'),
) as Readonly<Record<'scalars' | 'keys' | 'documents', readonly Vector[]>>;

/** Where we differ on purpose or beyond what anybody writes; every other vector must agree. */
const differences: Readonly<Record<string, string>> = {
  '"\\/"': 'JSON allows it, and kubectl reads JSON files by JSON rules',
  '"\\ud83d\\ude00"': 'the same',
  '123456789.5': 'Go rounds fractional keys to 32 bits',
  '.inf': 'refused as a key too',
  '.nan': 'refused as a key too',
  "1: a\n'1': b\n": 'a duplicate once keys are texts; Go keeps either',
  'b: &b {a: 1, c: 2}\nx:\n  <<: *b\n  a: 3\n': 'overriding a merged key is what merging is for',
  'b: &b {a: 1, c: 2}\nx:\n  a: 3\n  <<: *b\n': 'the same',
  'b: &b {a: 1}\nc: &c {a: 2, e: 5}\nx:\n  <<: [*b, *c]\n': 'the same',
  'b: &b {a: 1}\nc: &c {a: 2, e: 5}\nx:\n  <<: *b\n  <<: *c\n': 'the same',
  '%YAML 1.2\n---\na: 1\n': 'a version that changes nothing here',
  ' a: 1\nb: 2\n': 'Go drops the rest in silence',
  'a: é\u2028b\n': 'no line break in YAML 1.2',
};

describe('YAML as the API server reads it', () => {
  for (const [group, wrap] of [
    ['scalars', (source: string) => `v: ${source}\n`],
    ['keys', (source: string) => `${source}: 1\n`],
    ['documents', (source: string) => source],
  ] as const) {
    test.each(vectors[group].filter(({ source }) => differences[source] === undefined))(
      `${group}: $source`,
      ({ source, value, error }) => {
        const reading = parseDocument(wrap(source));
        if (error === true) {
          expect(reading).toHaveProperty('problem');
        } else {
          expect(reading).toEqual({ value: value === null ? undefined : value });
        }
      },
    );
  }

  test('every difference is about a vector that exists', () => {
    const sources = new Set(
      Object.values(vectors).flatMap((group) => group.map(({ source }) => source)),
    );
    expect(Object.keys(differences).filter((source) => !sources.has(source))).toEqual([]);
  });
});

describe('documents of a file', () => {
  test.each([
    ['a: 1\n---\nb: 2\n', [{ a: 1 }, { b: 2 }], [1, 2]],
    ['---\na: 1\n--- # two\nb: 2\n--- {c: 3}\n', [{ a: 1 }, { b: 2 }, { c: 3 }], [1, 3, 5]],
    ['# nothing\n---\n---\n# here\n---\na: 1\n', [{ a: 1 }], [5]],
    ['a: 1\n...\n# between\n---\nb: 2\n...\n', [{ a: 1 }, { b: 2 }], [1, 4]],
    ['a: |\n  ---\n  x\n', [{ a: '---\nx\n' }], [1]],
    ['a: 1\r\n---\r\nb: 2\r\n', [{ a: 1 }, { b: 2 }], [1, 2]],
    ['%YAML 1.1\n---\na: 1\n', [{ a: 1 }], [1]],
    ['{"a": 1}', [{ a: 1 }], [1]],
    ['{"a": 1}\n{"b": 2}\n', [{ a: 1 }, { b: 2 }], [1, 2]],
    ['{\r\n"a": 1\r\n} \r\n{\r\n"b": {}\r\n}', [{ a: 1 }, { b: {} }], [1, 4]],
    ['{"a": [{},\n{}]}\n---\n{"b": 2}\n', [{ a: [{}, {}] }, { b: 2 }], [1, 3]],
    ['', [], []],
    ['a: ----\n', [{ a: '----' }], [1]],
    ['---a: 1\n', [{ '---a': 1 }], [1]],
  ] as const)('%j', (text, values, lines) => {
    const { documents, problems } = parseDocuments(text);
    expect(problems).toEqual([]);
    expect(documents.map(({ value }) => value)).toEqual(values);
    expect(documents.map(({ line }) => line)).toEqual(lines);
    for (const { text: part, offset } of documents) {
      expect(text.slice(offset, offset + part.length)).toBe(part);
    }
  });

  test('a broken document is named by its line and does not hide the others', () => {
    const { documents, problems } = parseDocuments('a: 1\n---\nb: [\n---\nc: 3\n---\nd: 1\nd: 2\n');
    expect(documents.map(({ value }) => value)).toEqual([{ a: 1 }, { c: 3 }]);
    expect(problems).toEqual([
      { line: 3, text: expect.stringContaining('broken YAML') },
      { line: 8, text: 'the key d is there twice in one mapping: keep one of them' },
    ]);
  });

  test.each([
    ['text behind the end of a document', '... a\n- b\n', ['a', ['b']]],
    ['a document without a mark', 'a: 1\n...\n  b\n---\n- c\n', [{ a: 1 }, 'b', ['c']]],
    ['a mark that is none behind the end of one', '...\n  --- {a: 1}\n', [{ a: 1 }]],
    ['a byte order mark further on', '...\n\n\u{FEFF}\nb\n', ['\u{FEFF} b']],
    ['a comment before a directive', '  # c\n%YAML 1.1\n---\na: 1\n', [{ a: 1 }]],
  ])('%s is read as if it stood alone', (_, text, values) => {
    const { documents, problems } = parseDocuments(text);
    expect(problems).toEqual([]);
    expect(documents.map(({ value }) => value)).toEqual(values);
  });

  test('a template is called one', () => {
    const { problems } = parseDocuments('apiVersion: v1\nname: {{ .Values.name }}-x\n');
    expect(problems).toEqual([{ line: 2, text: expect.stringContaining('looks like a template') }]);
  });
});

describe('hostile documents', () => {
  test('aliases that multiply are refused', () => {
    const levels = Array.from({ length: 30 }, (_, level) =>
      level === 0
        ? 'a0: &a0 [x, x, x, x, x, x, x, x, x]'
        : `a${String(level)}: &a${String(level)} [${Array.from({ length: 9 }, () => `*a${String(level - 1)}`).join(', ')}]`,
    );
    expect(parseDocuments(levels.join('\n')).problems).toEqual([
      { line: 1, text: expect.stringContaining('aliases') },
    ]);
  });

  test.each([
    ['a value that contains itself', 'a: &a [*a]\n', 'aliases'],
    ['ten thousand flow levels', `a: ${'['.repeat(10_000)}`, 'levels deep'],
    ['ten thousand block levels', '- '.repeat(10_000), 'levels deep'],
    [
      'a chain of aliases',
      `${Array.from({ length: 2000 }, (_, at) => (at === 0 ? 'a0: &a0 [x]' : `a${String(at)}: &a${String(at)} [*a${String(at - 1)}]`)).join('\n')}\n`,
      'aliases',
    ],
  ])('%s', (_, text, words) => {
    expect(parseDocuments(text)).toEqual({
      documents: [],
      problems: [{ line: expect.any(Number), text: expect.stringContaining(words) }],
    });
  });

  test('a few honest aliases are fine', () => {
    expect(parseDocument('a: &a {x: 1}\nb: *a\nc: "*"\n')).toEqual({
      value: { a: { x: 1 }, b: { x: 1 }, c: '*' },
    });
  });

  test('names of the prototype are members like others', () => {
    const reading = parseDocument('__proto__: {x: 1}\nconstructor: 2\n');
    expect('value' in reading && Object.keys(reading.value as object)).toEqual([
      '__proto__',
      'constructor',
    ]);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});
