import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { load, YAML11_SCHEMA } from 'js-yaml';
import * as z from 'zod';
import type { Json } from '../../../policies/core/json.ts';
import {
  defaultSettings,
  readSettings,
  settingsJsonSchema,
} from '../../../policies/core/read-settings.ts';
import { formatProblem } from '../../../policies/core/settings-problems.ts';
import { catalogue as realCatalogue } from '../../../policies/index.ts';
import { catalogue, reportingPolicy, settings, withHead } from './support.ts';

function problems(document: unknown): readonly string[] {
  const reading = readSettings(document, catalogue);
  return 'problems' in reading ? reading.problems.map(formatProblem) : [];
}

function problemsWith(document: Readonly<Record<string, Json>>): readonly string[] {
  return problems(withHead(document));
}

const modes = 'off, audit, warn or enforce';
const globForm =
  'must be a name or a pattern in which * stands for any characters: lower case letters, digits, ".", "-" and "*"';
const ids = 'drain/first, drain/second, egress/only, drain/* or egress/*';

describe('what is wrong is said with its place, the valid form and the nearest name', () => {
  test.each<[string, Record<string, Json>, readonly string[]]>([
    ['a misspelt section', { polices: {} }, ['polices: unknown key; did you mean "policies"?']],
    [
      'a section that is nothing like one',
      { admission: { fill: true, zzzzzzzz: 1 } },
      ['admission/zzzzzzzz: unknown key; valid are fill, failurePolicy'],
    ],
    [
      'a misspelt policy',
      { policies: { 'drain/frist': {} } },
      ['policies/drain/frist: unknown policy; did you mean "drain/first"?'],
    ],
    [
      'a policy without its topic',
      { policies: { second: {} } },
      ['policies/second: unknown policy; did you mean "drain/second"?'],
    ],
    [
      'a policy that is nothing like one',
      { policies: { 'something-else': {} } },
      ['policies/something-else: unknown policy; `meshgate policies` lists them'],
    ],
    [
      'a finding of meshgate itself',
      { policies: { 'meshgate/internal-error': { mode: 'off' } } },
      [
        'policies/meshgate/internal-error: is a finding of meshgate about itself, which has no settings',
      ],
    ],
    [
      'a misspelt mode',
      { policies: { 'drain/first': { mode: 'enforse' } } },
      [
        `policies/drain/first/mode: must be ${modes}, or a mapping, but is "enforse"; did you mean "enforce"?`,
      ],
    ],
    [
      'modes by gate',
      { policies: { 'drain/first': { mode: { admision: 'warn', drift: 3 } } } },
      [
        `policies/drain/first/mode/drift: must be ${modes}, but is 3`,
        'policies/drain/first/mode/admision: unknown key; did you mean "admission"?',
      ],
    ],
    [
      'params',
      { policies: { 'drain/first': { params: { ratoi: 1, ratio: 0, label: 5, wait: '5' } } } },
      [
        'policies/drain/first/params/ratio: must be at least 1, but is 0',
        'policies/drain/first/params/label: must be a text, but is 5; quote it',
        'policies/drain/first/params/wait: must be seconds, such as 5s',
        'policies/drain/first/params/ratoi: unknown param; did you mean "ratio"?',
      ],
    ],
    [
      'a mapping that is a list',
      { policies: [], scopes: {} },
      [
        'policies: must be a mapping, but is an empty list',
        'scopes: must be a list, but is a mapping',
      ],
    ],
    [
      'mesh facts',
      {
        mesh: {
          istioVersion: 'latest',
          nativeSidecars: 'yes',
          propagationTime: '5',
          dnsCapture: 'true',
          rootNamespace: 'A b',
          clusterDomain: '',
        },
      },
      [
        'mesh/istioVersion: must be a version of Istio, such as "1.31" or "1.31.2"',
        'mesh/nativeSidecars: must be true or false, or auto, but is "yes"',
        'mesh/dnsCapture: must be true or false, but is "true"',
        'mesh/propagationTime: must be a duration that is not negative, such as 5s or 1m30s',
        'mesh/rootNamespace: must be a DNS name, such as istio-system',
        'mesh/clusterDomain: must be a DNS name, such as cluster.local',
      ],
    ],
    [
      'a negative duration',
      { mesh: { propagationTime: '-5s' } },
      ['mesh/propagationTime: must be a duration that is not negative, such as 5s or 1m30s'],
    ],
    [
      'an ambiguous version',
      { mesh: { istioVersion: 1.3 } },
      [
        'mesh/istioVersion: is the number 1.3 without quotes, which YAML makes of "1.30" as well as of "1.3": quote it',
      ],
    ],
    [
      'scopes',
      {
        scopes: [
          { name: 'a', match: {}, policies: { 'drain/frist': {} } },
          {
            name: ' ',
            match: { namespaces: ['Team?'], kinds: ['Deploymnt'], names: [] },
            policies: {},
          },
          { match: { labels: { a: true }, namespaceLabels: {} } },
          'x',
        ],
      },
      [
        'scopes/0/match: must name at least one of namespaces, kinds, names, labels, namespaceLabels',
        'scopes/0/policies/drain/frist: unknown policy; did you mean "drain/first"?',
        'scopes/1/name: must be a name for this scope, such as strict-teams',
        `scopes/1/match/namespaces/0: ${globForm}`,
        'scopes/1/match/kinds/0: unknown kind "Deploymnt"; did you mean "Deployment"?',
        'scopes/1/match/names: must be a list whose length is at least 1, but is an empty list',
        'scopes/2/name: is required: a text',
        'scopes/2/match/labels/a: must be a text, but is true; quote it',
        'scopes/2/match/namespaceLabels: must hold at least one label',
        'scopes/2/policies: is required: a mapping',
        'scopes/3: must be a mapping, but is "x"',
      ],
    ],
    [
      'two scopes of one name',
      {
        scopes: [
          { name: 'a', match: { names: ['x'] }, policies: {} },
          { name: 'a', match: { names: ['y'] }, policies: {} },
        ],
      },
      ['scopes/1/name: another scope has the name "a"; give each its own'],
    ],
    [
      'exemptions',
      {
        exemptions: [
          { policy: 'drain/frist', match: { names: ['a'] } },
          { policy: 'drian/*', match: {}, reason: ' ' },
          { policy: 3, match: { names: ['a'] }, reason: 3 },
        ],
      },
      [
        'exemptions/0/policy: unknown policy "drain/frist"; did you mean "drain/first"?',
        'exemptions/0/reason: is required: say why the finding is accepted',
        'exemptions/1/policy: unknown policy "drian/*"; did you mean "drain/*"?',
        'exemptions/1/match: must name at least one of namespaces, kinds, names, labels, namespaceLabels',
        'exemptions/1/reason: must say why the finding is accepted',
        `exemptions/2/policy: must be ${ids}, but is 3`,
        'exemptions/2/reason: must be a text, but is 3; quote it',
      ],
    ],
    [
      'files and annotations',
      {
        files: { ignore: [''] },
        annotationExemptions: { namespaces: 'x' },
        admission: { fill: 1 },
      },
      [
        'annotationExemptions/namespaces: must be a list, but is "x"',
        'admission/fill: must be true or false, but is 1',
        'files/ignore/0: must be a text whose length is at least 1, but is ""',
      ],
    ],
  ])('%s', (_, document, expected) => {
    expect(problemsWith(document)).toEqual(expected);
  });

  test.each([
    '2027-02-30',
    '2027-13-01',
    '2027-1-1',
    '31.01.2027',
    'soon',
    20270131,
    '2027-01-31T00:00:00Z',
  ])('the date %j', (expires) => {
    const exemption = { policy: 'drain/*', match: { names: ['a'] }, reason: 'r', expires };
    expect(problemsWith({ exemptions: [exemption] })).toEqual([
      'exemptions/0/expires: must be a day of the calendar, written like 2027-01-31 and quoted',
    ]);
  });

  test('the head of the file', () => {
    const head = 'apiVersion: meshgate.dev/v1alpha1 and kind: MeshgateConfig';
    expect(problems({})).toEqual([
      'apiVersion: is required: meshgate.dev/v1alpha1',
      'kind: is required: MeshgateConfig',
    ]);
    expect(problems({ apiVersion: 'meshgate.dev/v1', kind: 'MeshgateConfig' })).toEqual([
      'apiVersion: must be meshgate.dev/v1alpha1, but is "meshgate.dev/v1"; did you mean "meshgate.dev/v1alpha1"?',
    ]);
    expect(problems(null)).toEqual([`the document is empty; it must hold ${head}`]);
    expect(problems(['x'])).toEqual([`must be a mapping with ${head}`]);
    expect(problems({ apiVersion: 'v1', kind: 'Pod', spec: {} })).toEqual([
      `is a Pod, not a configuration of meshgate; that has ${head}`,
    ]);
  });

  test('keys that are named like inherited members', () => {
    const hostile = JSON.parse(
      '{"__proto__": {"x": 1}, "constructor": 1, "policies": {"__proto__": {}, "toString": {}}}',
    ) as Record<string, Json>;
    // An object literal would set the prototype instead of a member.
    const document = Object.defineProperty(withHead(hostile), '__proto__', {
      value: 1,
      enumerable: true,
    });
    expect(problems(document).map((text) => text.split(':')[0])).toEqual([
      'policies/__proto__',
      'policies/toString',
      '__proto__',
      'constructor',
    ]);
  });

  test('never a text of the validator itself', () => {
    for (const value of [
      undefined,
      null,
      true,
      0,
      'x',
      [],
      {},
      [[]],
      { a: { b: null } },
      new Date(0),
    ] as unknown as Json[]) {
      for (const key of [
        'mesh',
        'policies',
        'scopes',
        'exemptions',
        'annotationExemptions',
        'admission',
        'files',
      ]) {
        const nested = { [key]: value, scopes: [value], exemptions: [value] };
        for (const text of [...problemsWith({ [key]: value }), ...problemsWith(nested)]) {
          expect(text).toMatch(/(?:must|is required|unknown)/u);
          expect(text).not.toMatch(/Invalid input|undefined|\[object/u);
        }
      }
    }
  });

  test('a param whose schema words nothing is told by its description', () => {
    const params = z.object({
      even: z
        .number()
        .refine((number) => number % 2 === 0)
        .describe('an even number')
        .default(0),
      odd: z.number().multipleOf(3).max(9).default(3),
      code: z
        .string()
        .regex(/^[a-z]$/u)
        .default('a'),
    });
    const reading = readSettings(
      withHead({ policies: { 'a/b': { params: { even: 1, odd: 10, code: 'AB' } } } }),
      [reportingPolicy('a/b', { params })],
    );
    expect('problems' in reading && reading.problems.map(formatProblem)).toEqual([
      'policies/a/b/params/even: must be: an even number',
      'policies/a/b/params/odd: must be a multiple of 3, but is 10',
      'policies/a/b/params/odd: must be at most 9, but is 10',
      'policies/a/b/params/code: must be in the form /^[a-z]$/u, but is "AB"',
    ]);
  });
});

describe('valid settings', () => {
  test('have defaults for what is left out, or empty', () => {
    expect(settings()).toEqual(defaultSettings);
    const empty = { mesh: null, policies: null, scopes: null, exemptions: null, files: null };
    expect(settings(empty)).toEqual(defaultSettings);
    expect(settings({ admission: {} }).admission.fill).toBe(true);
    expect(settings({ admission: { fill: false } }).admission.fill).toBe(false);
  });

  test('keep params as given, so that scopes merge into them', () => {
    const given = { 'drain/first': { params: { label: 'x' } } };
    expect(settings({ policies: given }).policies).toEqual(given);
  });

  test('understand what YAML 1.1 makes of modes and versions', () => {
    const text = `
      apiVersion: meshgate.dev/v1alpha1
      kind: MeshgateConfig
      mesh: { istioVersion: 1.31, nativeSidecars: yes }
      policies:
        drain/first: { mode: off }
        drain/second: { mode: { review: off, drift: warn } }
      scopes:
        - { name: a, match: { names: [x] }, policies: { drain/first: { mode: off } } }
    `;
    const reading = readSettings(load(text, { schema: YAML11_SCHEMA }), catalogue);
    expect(reading).toMatchObject({
      settings: {
        mesh: { istioVersion: '1.31', nativeSidecars: true },
        policies: {
          'drain/first': { mode: 'off' },
          'drain/second': { mode: { review: 'off', drift: 'warn' } },
        },
        scopes: [{ policies: { 'drain/first': { mode: 'off' } } }],
      },
    });
  });

  test('the example of the documentation is one', async () => {
    const page = await readFile(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
    const example = /```yaml\n(apiVersion[\s\S]*?)```/u.exec(page)?.[1] ?? '';
    const document: unknown = load(example, { schema: YAML11_SCHEMA });
    expect(readSettings(document, realCatalogue)).toMatchObject({
      settings: { exemptions: [{ policy: 'drain/bounded-connection-ttl' }] },
    });
    const valid = new Ajv({ strict: false, formats: { date: true } }).compile(
      settingsJsonSchema(realCatalogue),
    );
    expect(valid(document)).toBe(true);
  });
});

describe('the JSON Schema', () => {
  const schema = settingsJsonSchema(catalogue);
  const validate = new Ajv({ strict: false, formats: { date: true } }).compile(schema);

  test.each<[boolean, Record<string, Json>]>([
    [true, {}],
    [true, { policies: { 'drain/first': { mode: 'warn', params: { ratio: 3 } } } }],
    [true, { mesh: { istioVersion: '1.31', nativeSidecars: 'auto' } }],
    [true, { exemptions: [{ policy: 'drain/*', match: { names: ['a'] }, reason: 'r' }] }],
    [false, { policies: { 'drain/frist': {} } }],
    [false, { policies: { 'drain/first': { params: { ratoi: 1 } } } }],
    [false, { exemptions: [{ policy: 'drain/x', match: { names: ['a'] }, reason: 'r' }] }],
    [false, { scopes: [{ name: 'a', match: {}, policies: {} }] }],
    [false, { mesh: { istioVersion: 'latest' } }],
  ])('%s for %j', (expected, document) => {
    expect(validate(withHead(document))).toBe(expected);
  });

  test('shows each policy with its title, its reason and the params’ defaults', () => {
    expect(schema).toMatchObject({
      properties: {
        policies: {
          properties: {
            'drain/first': {
              title: 'Reports its params',
              description: 'For tests.',
              properties: { params: { properties: { ratio: { default: 2, minimum: 1 } } } },
            },
          },
        },
      },
    });
  });
});
