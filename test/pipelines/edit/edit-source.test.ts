import { describe, expect, test } from '@jest/globals';
import type { Json } from '../../../policies/core/json.ts';
import type { Change } from '../../../policies/core/patch.ts';
import { parsePointer, pointer, type Pointer } from '../../../policies/core/pointer.ts';
import { editSource } from '../../../pipelines/edit/edit-source.ts';
import { parseDocument } from '../../../pipelines/render/parse-documents.ts';

function at(text: string): Pointer {
  const found = parsePointer(text);
  if (found === undefined) throw new Error(`no pointer: ${text}`);
  return found;
}

function set(path: string, value: Json): Change {
  return { at: at(path), value };
}

function edited(text: string, ...changes: readonly Change[]): string {
  const outcome = editSource(text, pointer(), changes);
  if ('problem' in outcome) throw new Error(outcome.problem);
  const again = editSource(outcome.text, pointer(), changes);
  expect(again).toEqual({ text: outcome.text });
  return outcome.text;
}

describe('a value in place', () => {
  test.each<readonly [string, string, Json, string]>([
    ['plain', 'a: 30 # why\nb: 1\n', 610, 'a: 610 # why\nb: 1\n'],
    ['plain text', 'a: x   # why\n', 'y z', 'a: y z   # why\n'],
    ['a text that looks like a number', 'a: x\n', '610', 'a: "610"\n'],
    ['a text that looks like a boolean', 'a: x\n', 'yes', 'a: "yes"\n'],
    ['single quotes', "a: '30s'\n", "it's", "a: 'it''s'\n"],
    ['double quotes', 'a: "30s"\n', 'a\n"b"', 'a: "a\\n\\"b\\""\n'],
    ['nothing', 'a:\nb: 1\n', 5, 'a: 5\nb: 1\n'],
    ['nothing, with a comment', 'a: # why\nb: 1\n', 5, 'a: 5 # why\nb: 1\n'],
    ['null', 'a: null # why\n', 5, 'a: 5 # why\n'],
    ['flow', 'x: {y: 1}\na: 1\n', true, 'x: {y: 1}\na: true\n'],
    ['Windows line ends', 'a: 1\r\nb: 2\r\n', 5, 'a: 5\r\nb: 2\r\n'],
    ['no line end', 'a: 1', 5, 'a: 5'],
    [
      'a plain text that becomes several lines',
      'a: x: 1\n'.replace(': 1', ''),
      'x: 1\ny: 2\n',
      'a: |\n  x: 1\n  y: 2\n',
    ],
    ['an empty list', 'a: []\n', ['x'], 'a:\n- x\n'],
  ])('%s', (_, text, value, wanted) => {
    expect(edited(text, set('/a', value))).toBe(wanted);
  });
});

describe('a literal block', () => {
  const text = 'a: |\n  # keep\n  one: 1 # also\n\n  two: 2\nb: 1\n';
  const value = '# keep\none: 1 # also\n\ntwo: 2\n';

  test.each<readonly [string, string, string]>([
    ['one line changes', value.replace('2', '3'), text.replace('two: 2', 'two: 3')],
    [
      'a line is added at the end',
      `${value}three: 3\n`,
      text.replace('two: 2\n', 'two: 2\n  three: 3\n'),
    ],
    [
      'a line is added in front',
      `zero: 0\n${value}`,
      text.replace('  # keep', '  zero: 0\n  # keep'),
    ],
    ['a line goes', value.replace('\n\n', '\n'), text.replace('\n\n', '\n')],
    ['all lines change', 'x: 1\n', 'a: |\n  x: 1\nb: 1\n'],
  ])('%s', (_, next, wanted) => {
    expect(edited(text, set('/a', next))).toBe(wanted);
    const windows = edited(text.replaceAll('\n', '\r\n'), set('/a', next));
    expect(windows).toBe(wanted.replaceAll('\n', '\r\n'));
  });

  test('at the end of a file without a line break', () => {
    expect(edited('a: |-\n  x: 1', set('/a', 'x: 1\ny: 2'))).toBe('a: |-\n  x: 1\n  y: 2');
    expect(edited('a: |-\n  x: 1', set('/a', 'x: 2'))).toBe('a: |-\n  x: 2');
  });
});

describe('a new member', () => {
  const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: x
spec:
  template:
    metadata:
      labels:
        app: x # the app
    # The pods.
    spec:
      # One container.
      containers:
      - name: app
        image: x
`;

  test('stands before the lists of its siblings, and does not steal their comments', () => {
    const text = deployment.replace(
      '      # One container.\n',
      '      serviceAccountName: x\n      # One.\n',
    );
    expect(edited(text, set('/spec/template/spec/grace', 610))).toBe(
      text.replace('serviceAccountName: x\n', 'serviceAccountName: x\n      grace: 610\n'),
    );
    expect(edited(deployment, set('/spec/template/spec/grace', 610))).toBe(
      `${deployment}      grace: 610\n`,
    );
  });

  test('brings its parents along, in block style', () => {
    expect(
      edited(
        deployment,
        set('/spec/template/metadata/annotations/proxy.istio.io~1config', 'drain: 600s\n'),
      ),
    ).toBe(
      deployment.replace(
        '    metadata:\n      labels:\n',
        '    metadata:\n      annotations:\n        proxy.istio.io/config: |\n          drain: 600s\n      labels:\n',
      ),
    );
  });

  test.each<readonly [string, string, string, Json, string]>([
    [
      'several lines become a block',
      'm:\n    a: 1\n',
      '/m/b',
      'x: 1\ny: 2\n',
      'm:\n    a: 1\n    b: |\n        x: 1\n        y: 2\n',
    ],
    [
      'annotations get it last',
      'annotations:\n  z: |\n    x\n\n# end\n',
      '/annotations/a',
      'v',
      'annotations:\n  z: |\n    x\n  a: v\n\n# end\n',
    ],
    [
      'into nothing',
      'annotations:\nspec: 1\n',
      '/annotations/a',
      'v',
      'annotations:\n  a: v\nspec: 1\n',
    ],
    [
      'into nothing with a comment',
      'annotations: # none\nspec: 1\n',
      '/annotations/a',
      'v',
      'annotations: # none\n  a: v\nspec: 1\n',
    ],
    [
      'into null',
      'annotations: null\nspec: 1\n',
      '/annotations/a',
      'v',
      'annotations:\n  a: v\nspec: 1\n',
    ],
    [
      'into empty braces',
      'annotations: {}\nspec: 1\n',
      '/annotations/a',
      'v',
      'annotations:\n  a: v\nspec: 1\n',
    ],
    ['into braces', 'm: {x: 1}\n', '/m/b', 'v', 'm: {x: 1, "b": "v"}\n'],
    ['after a list', 'l:\n- 1\n- 2\n', '/b', 1, 'b: 1\nl:\n- 1\n- 2\n'],
    ['without a line end', 'a: 1', '/b', 2, 'a: 1\nb: 2'],
    ['with Windows line ends', 'm:\r\n  a: 1\r\n', '/m/b', 2, 'm:\r\n  a: 1\r\n  b: 2\r\n'],
    [
      'in an item of a list',
      'l:\n- a: 1\n  b: 2\n- a: 3\n',
      '/l/0/c',
      5,
      'l:\n- a: 1\n  b: 2\n  c: 5\n- a: 3\n',
    ],
    ['after a document mark', '--- # one\na: 1\n', '/b', 2, '--- # one\na: 1\nb: 2\n'],
    ['a key that needs quotes', 'm:\n  a: 1\n', '/m/yes', 1, 'm:\n  a: 1\n  "yes": 1\n'],
    [
      'at the end of a list',
      'l:\n  - a\n  - b # last\nz: 1\n',
      '/l/2',
      'c',
      'l:\n  - a\n  - b # last\n  - c\nz: 1\n',
    ],
  ])('%s', (_, text, path, value, wanted) => {
    expect(edited(text, set(path, value))).toBe(wanted);
  });

  test('JSON stays JSON', () => {
    const text = '{\n  "kind": "Pod",\n  "spec": {\n    "a": [1, 2]\n  }\n}\n';
    const wanted = '{\n  "kind": "Pod",\n  "spec": {\n    "a": [1, 2],\n    "grace": 610\n  }\n}\n';
    expect(edited(text, set('/spec/grace', 610))).toBe(wanted);
    expect((): unknown => JSON.parse(edited('{"a":{}}', set('/a/b/c', 'x')))).not.toThrow();
    expect((): unknown => JSON.parse(edited('{"a":{"x":1}}', set('/a/b/c', 'x')))).not.toThrow();
    expect((): unknown => JSON.parse(edited('{"a":null}', set('/a/b', 'x')))).not.toThrow();
  });
});

describe('a member that goes', () => {
  test('takes its lines along', () => {
    expect(
      edited('a: 1\nb:\n  c: |\n    x\n  d: 1 # d\n# e\ne: 2\n', { at: at('/b'), remove: true }),
    ).toBe('a: 1\n# e\ne: 2\n');
  });
});

describe('lists and mappings', () => {
  test.each<readonly [string, string, string, Json, string]>([
    [
      'an item that is a mapping',
      'l:\n- a: 1\n  b: 2\n',
      '/l/1',
      { a: 3, c: [1] },
      'l:\n- a: 1\n  b: 2\n- a: 3\n  c:\n  - 1\n',
    ],
    [
      'a whole list',
      '# x\nl: # why\n  - a\n  - b # b\nz: 1\n',
      '/l',
      ['a', { c: 1 }],
      '# x\nl: # why\n- a\n- c: 1\nz: 1\n',
    ],
    ['a mapping', 'a:\n  b: 1\nz: 1\n', '/a', { c: { d: 1 } }, 'a:\n  c:\n    d: 1\nz: 1\n'],
    ['a list by nothing', 'l:\n  - a\nz: 1\n', '/l', [], 'l: []\nz: 1\n'],
    ['a list in one line', 'l: [a, b] # c\n', '/l', ['a', 'c'], 'l: ["a","c"] # c\n'],
  ])('%s', (_, text, path, value, wanted) => {
    expect(edited(text, set(path, value))).toBe(wanted);
  });

  test.each([
    ['the first', '/l/0', 'l:\n  # a\n  - b: 2\nz: 1\n'],
    ['the last', '/l/1', 'l:\n  # a\n  - a: 1 # one\n    c: |\n      x\nz: 1\n'],
  ])('%s item goes with its lines', (_, path, wanted) => {
    const text = 'l:\n  # a\n  - a: 1 # one\n    c: |\n      x\n  - b: 2\nz: 1\n';
    const outcome = editSource(text, pointer(), [{ at: at(path), remove: true }]);
    expect(outcome).toEqual({ text: wanted });
  });
});

describe('several changes', () => {
  test('an annotation and a field, parents made once', () => {
    const outcome = edited(
      'metadata:\n  name: x\nspec:\n  containers: []\n',
      set('/metadata/annotations/a', 'x: 1\ny: 2\n'),
      set('/metadata/annotations/b', 'z'),
      set('/spec/grace', 5),
    );
    expect(outcome).toBe(
      'metadata:\n  name: x\n  annotations:\n    a: |\n      x: 1\n      y: 2\n    b: z\nspec:\n  containers: []\n  grace: 5\n',
    );
  });

  test('an object inside a List', () => {
    const text = 'kind: List\nitems:\n- kind: Pod\n  spec:\n    a: 1\n- kind: Pod\n';
    expect(editSource(text, at('/items/0'), [set('/spec/a', 2), set('/spec/b', 3)])).toEqual({
      text: 'kind: List\nitems:\n- kind: Pod\n  spec:\n    a: 2\n    b: 3\n- kind: Pod\n',
    });
  });
});

describe('what cannot be edited is left alone', () => {
  test.each<readonly [string, string, string, Json]>([
    ['a value that an alias shares', 'x: &x {a: 1}\nz: *x\n', '/z/a', 2],
    ['a value from a merge', 'x: &x {a: 1}\nz:\n  <<: *x\n', '/z/a', 2],
    ['a folded text', 'a: >\n  x\n  y\n', '/a', 'z\nz\n'],
    ['a block with kept line breaks', 'a: |+\n  x\n\n\nb: 1\n', '/a', 'z\n'],
    ['an item that is a mapping', 'l:\n  - b: 1\n', '/l/0', { c: 1 }],
  ])('%s', (_, text, path, value) => {
    expect(editSource(text, pointer(), [set(path, value)])).toEqual({
      problem: expect.any(String),
    });
  });

  test('a member of an anchored mapping may only be edited where nothing else changes', () => {
    expect(editSource('x: &x {a: 1}\nz: *x\n', pointer(), [set('/x/a', 2)])).toHaveProperty(
      'problem',
    );
  });

  test('whatever the source, the outcome means the fixed object or nothing is written', () => {
    const values: readonly Json[] = [
      1,
      'x',
      'a: 1\nb: 2\n',
      ' x',
      'x\n\n',
      '',
      '#',
      'é\u0000',
      null,
      {},
      { k: [1] },
    ];
    const sources = [
      'a: 1',
      'a:',
      'a: |\n  x',
      'a: "x"',
      'a: [1]',
      '{a: 1}',
      '{"a": {"b": 1}}',
      'a: &x 1\nb: *x',
      'a:\n  b:\n   c: 1 # x\n',
      '? a\n: b\n',
      'a: >-\n  x\n',
      '- a\n',
      'b: 1 # x',
      'a : 1',
      '"a": 1',
      'a: !!str 1',
      '--- {a: 1}',
      'a: # c\n  b: 1\n',
      'a: {\n  b: 1, # c\n}\n',
    ];
    for (const source of sources) {
      for (const value of values) {
        for (const path of ['/a', '/a/b', '/a/c', '/z/y']) {
          const outcome = editSource(source, pointer(), [set(path, value)]);
          if ('text' in outcome) expect(parseDocument(outcome.text)).toHaveProperty('value');
        }
      }
    }
  });
});
