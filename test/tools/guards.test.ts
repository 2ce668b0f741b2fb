import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { plantProject, type PlantedProject, type ToolRun } from '../support/planted-project.ts';

/** One offence: the file that holds it and what the tool must name. */
interface Offence {
  readonly rule: string;
  readonly path: string;
  readonly text: string;
}

const exported = '/** A value. */\nexport const value = 1;\n';
const importing = (specifier: string): string => `import '${specifier}';\n`;

const lintOffences: readonly Offence[] = [
  offence('no-explicit-any', 'cli/any.ts', 'export function f(x: any): unknown {\n  return x;\n}'),
  offence('max-lines-per-function', 'cli/long-function.ts', longFunction(59)),
  offence('max-lines', 'cli/long-file.ts', 'export {};\n'.repeat(301)),
  offence('complexity', 'cli/complex.ts', complexFunction(13)),
  offence('no-restricted-properties', 'cli/env.ts', 'export const home = process.env.HOME;'),
  offence('no-restricted-properties', 'cli/env2.ts', 'export const { env } = process;'),
  offence('no-restricted-imports', 'cli/env3.ts', "export { env } from 'node:process';"),
  offence('no-restricted-properties', 'policies/core/now.ts', 'export const now = Date.now();'),
  offence('no-restricted-properties', 'policies/core/random.ts', 'export const r = Math.random();'),
  ...['process', 'performance', 'fetch', 'setTimeout', 'setInterval', 'crypto', 'globalThis'].map(
    (name) =>
      offence('no-restricted-globals', `policies/core/${name}.ts`, `export const x = ${name};`),
  ),
  offence('no-restricted-properties', 'policies/environment.ts', 'export const t = Date.now();'),
  offence('no-restricted-properties', 'pipelines/environment.ts', 'export const e = process.env;'),
  offence('no-default-export', 'cli/default.ts', 'export default 1;'),
  offence('no-floating-promises', 'cli/floating.ts', 'Promise.resolve(1);\nexport {};'),
  offence('no-abusive-eslint-disable', 'cli/abusive.ts', '/* oxlint-disable */\nexport {};'),
];

const importOffences: readonly Offence[] = [
  offence('core-stands-alone', 'policies/core/a.ts', importing('../mesh/value.ts')),
  offence('mesh-knows-core-only', 'policies/mesh/a.ts', importing('../rules/topic/value.ts')),
  offence('rules-know-core-and-mesh', 'policies/rules/topic/a.ts', importing('./value.ts')),
  offence('rules-through-the-catalogue', 'cli/a.ts', importing('../policies/rules/topic/value.ts')),
  offence('policies-know-policies', 'policies/core/b.ts', importing('../../pipelines/value.ts')),
  offence('policies-are-pure', 'policies/core/c.ts', importing('node:fs')),
  offence('policies-use-pure-packages', 'policies/core/d.ts', importing('express')),
  offence('pipelines-know-no-gate', 'pipelines/a.ts', importing('../webhooks/value.ts')),
  offence('pipelines-know-no-gate', 'pipelines/b.ts', importing('../functions/value.ts')),
  offence('pipelines-know-no-gate', 'pipelines/c.ts', importing('../cli/value.ts')),
  offence('command-is-the-outermost', 'webhooks/a.ts', importing('../cli/value.ts')),
  offence('one-door-to-the-cluster', 'pipelines/d.ts', importing('@kubernetes/client-node')),
  offence(
    'one-door-to-the-cluster',
    'webhooks/b.ts',
    "export type { KubeConfig } from '@kubernetes/client-node';\n",
  ),
  offence('one-door-to-github', 'webhooks/c.ts', importing('octokit')),
  offence('one-door-to-lambda', 'webhooks/d.ts', importing('@aws-sdk/client-lambda')),
  offence('product-stands-alone', 'cli/b.ts', importing('../test/value.ts')),
  offence('product-declares-its-packages', 'cli/c.ts', importing('ajv')),
  offence('no-cycle', 'cli/d.ts', importing('./e.ts')),
  offence('resolvable', 'cli/f.ts', importing('./nowhere.ts')),
];

const houseOffences: readonly Offence[] = [
  offence('needs a docstring', 'cli/undocumented.ts', 'export const value = 1;'),
  offence('say why', 'cli/unexplained.ts', '// oxlint-disable-next-line no-var\nvar x = 1;'),
  offence('cite an issue', 'cli/reminder.ts', '// TODO later\n'),
  offence('the clock is passed in', 'policies/core/new-date.ts', 'void new Date();'),
  offence('the clock is passed in', 'policies/core/date.ts', 'void Date();'),
];

const innocent: Readonly<Record<string, string>> = {
  'cli/environment.ts':
    "/** The user's home. */\nexport function readHome(): string | undefined {\n  return process.env['HOME'];\n}\n",
  'cli/main.ts': `import { readHome } from './environment.ts';

// TODO(#1): cite where this is asked for.
console.log(readHome(), new Date());
`,
  'policies/core/expiry.ts':
    '/** The time of an ISO date, in milliseconds. */\nexport function parseTime(text: string): number {\n  return new Date(text).getTime();\n}\n',
  'policies/rules/topic/value.examples.ts': exported,
  'policies/rules/topic/value.ts': `export { value } from './value.examples.ts';\n`,
  'policies/index.ts': importing('./rules/topic/value.ts'),
  'pipelines/source/cluster-watch.ts': importing('@kubernetes/client-node'),
};

/** Targets of the planted imports. */
const targets = Object.fromEntries(
  [
    'cli',
    'functions',
    'pipelines',
    'policies/mesh',
    'policies/rules/topic',
    'test',
    'webhooks',
  ].map((folder) => [`${folder}/value.ts`, exported]),
);

describe('an offence is found', () => {
  describe('by the linter', () => {
    plantedTests('lint', ['--format=unix'], lintOffences, {});
  });

  describe('by the import rules', () => {
    plantedTests('imports', [], importOffences, {
      ...targets,
      'cli/e.ts': "import type {} from './d.ts';\n",
    });
  });

  describe('by the house rules', () => {
    plantedTests('budgets', [], houseOffences, {});
  });

  describe('by the compiler', () => {
    const offences = [
      offence('TS1294', 'cli/enum.ts', 'export enum Colour {\n  Red,\n}'),
      offence('TS2532', 'cli/index.ts', 'export const n = [1].map((x) => x)[0].toFixed();'),
    ];
    plantedTests('types', ['--pretty', 'false'], offences, {});
  });

  describe('by the formatter', () => {
    const unformatted = [offence('', 'cli/unformatted.ts', 'export  const x = "1"')];
    plantedTests('format:check', [], unformatted, {});
  });

  describe('by the search for dead code', () => {
    const dead = [
      offence(
        'Unused exports',
        'cli/environment.ts',
        `${innocent['cli/environment.ts']}${exported}`,
      ),
      offence('Unused files', 'cli/forgotten.ts', exported),
    ];
    plantedTests('deadcode', [], dead, { 'cli/main.ts': innocent['cli/main.ts'] ?? '' });
  });

  test('by the median of file lines', () => {
    const long = Object.fromEntries(
      Array.from({ length: 9 }, (_, index) => [`cli/${index}.ts`, '\n'.repeat(81)]),
    );
    const project = plantProject(long);
    const ran = project.run('budgets');
    project.remove();
    expect(ran.code).toBe(1);
    expect(ran.errors).toContain('the median file has 81 lines');
  });
});

describe('no false alarm', () => {
  let project: PlantedProject;
  beforeAll(() => {
    project = plantProject(innocent);
  });
  afterAll(() => project.remove());

  test.each(['lint', 'imports', 'budgets', 'types'])('%s is content', (script) => {
    const ran = project.run(script);
    expect({ ...ran, output: ran.code === 0 ? '' : ran.output }).toEqual({
      code: 0,
      output: '',
      errors: '',
    });
  });
});

/** Runs one script over all offences at once, then asks for each whether its line is there. */
function plantedTests(
  script: string,
  args: readonly string[],
  offences: readonly Offence[],
  others: Readonly<Record<string, string>>,
): void {
  let ran: ToolRun;
  beforeAll(() => {
    const planted = Object.fromEntries(offences.map(({ path, text }) => [path, text]));
    const project = plantProject({ ...others, ...planted });
    ran = project.run(script, args);
    project.remove();
  });

  test('the script fails', () => {
    expect(ran.code).toBeGreaterThan(0);
  });

  test.each(offences.map(({ rule, path }) => ({ rule, path })))('$rule in $path', (planted) => {
    const text = `${ran.output}\n${ran.errors}`;
    const [section = ''] = script === 'deadcode' ? sections(text, planted.rule) : [text];
    const rule = script === 'deadcode' ? '' : planted.rule;
    const lines = section.split('\n').filter((line) => line.includes(rule));
    expect(lines.filter((line) => line.includes(planted.path))).not.toEqual([]);
  });
}

/** The part of a report that starts with a heading and ends before the next one. */
function sections(report: string, heading: string): readonly string[] {
  return report.split(/^(?=Unused )/mu).filter((section) => section.startsWith(heading));
}

function offence(rule: string, path: string, text: string): Offence {
  return { rule, path, text };
}

function longFunction(bodyLines: number): string {
  return `export function f(): void {\n${'  void 0;\n'.repeat(bodyLines)}}\n`;
}

function complexFunction(branches: number): string {
  const body = Array.from({ length: branches }, (_, n) => `  if (x === ${n}) return ${n};\n`);
  return `export function f(x: number): number {\n${body.join('')}  return -1;\n}\n`;
}
