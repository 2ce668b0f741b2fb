import { chmodSync, readFileSync, statSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from '@jest/globals';
import type { JsonReport } from '../../pipelines/present/json-report.ts';
import { classicSidecars, ledger } from '../fixtures/ledger.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const schema = JSON.parse(
  readFileSync(new URL('../../schemas/check-output.schema.json', import.meta.url), 'utf8'),
) as object;
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

async function jsonOf(folder: string, ...args: readonly string[]): Promise<JsonReport> {
  const { out } = await runCli(['check', '--output', 'json', ...args], { folder });
  const report = JSON.parse(out) as JsonReport;
  validate(report);
  expect(validate.errors).toBeNull();
  return report;
}

describe('meshgate check', () => {
  test('says where, what and what to do, and exits with 1', async () => {
    const folder = temporaryFolder({ 'a/ledger.yaml': ledger, 'meshgate.yaml': classicSidecars });
    const { code, out, err } = await runCli(['check'], { folder });
    expect([code, err]).toEqual([1, '']);
    expect(out).toContain('a/ledger.yaml:');
    expect(out).toContain('drain/grace-covers-ttl');
    expect(out).toMatch(/^ {2}> 1\d \| .*\n +\| +\^$/mu);
    expect(out).toContain('What to do: ');
    expect(out).toMatch(/4 objects in 4 documents: \d errors?/u);
    expect(out).not.toContain('\u001B');
  });

  test('the JSON output is what its schema says, with fixes and places', async () => {
    const folder = temporaryFolder({ 'ledger.yaml': ledger, 'meshgate.yaml': classicSidecars });
    const report = await jsonOf(folder);
    expect(report.summary).toMatchObject({ documents: 4, objects: 4 });
    expect(report.errors).toEqual([]);
    expect(report.findings).toContainEqual(
      expect.objectContaining({
        policy: 'drain/grace-covers-ttl',
        file: 'ledger.yaml',
        object: {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          namespace: 'shop',
          name: 'ledger',
        },
        fix: expect.arrayContaining([expect.objectContaining({ op: 'replace' })]),
      }),
    );
  });

  test('a clean run exits with 0', async () => {
    const folder = temporaryFolder({
      'a.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n',
    });
    expect(await runCli(['check', '.'], { folder })).toEqual({
      code: 0,
      out: '1 object in 1 document: nothing to report\n',
      err: '',
    });
    expect(await runCli(['check', '-q'], { folder })).toEqual({ code: 0, out: '', err: '' });
  });

  test('reads the standard input', async () => {
    const folder = temporaryFolder({ 'meshgate.yaml': classicSidecars });
    const { code, out } = await runCli(['check', '-', '-q'], { folder, input: ledger });
    expect(code).toBe(1);
    expect(out).toMatch(/^<stdin>:\d+:\d+ error drain\/grace-covers-ttl: /mu);
  });

  test('shows what would be fixed in the standard input', async () => {
    const folder = temporaryFolder({ 'meshgate.yaml': classicSidecars });
    const { code, out, err } = await runCli(['check', '--diff', '-'], { folder, input: ledger });
    expect([code, err]).toEqual([1, '']);
    expect(out).toMatch(/^--- a\/<stdin>\n\+\+\+ b\/<stdin>\n/u);
    expect(out).toMatch(/^-\s+terminationGracePeriodSeconds: 30 # the default$/mu);
  });

  test('the configuration changes modes, and --config names another', async () => {
    const off = `${classicSidecars}policies:\n  drain/grace-covers-ttl: { mode: warn }\n`;
    const folder = temporaryFolder({
      'ledger.yaml': ledger,
      'meshgate.yaml': classicSidecars,
      'other.yml': off,
    });
    const { code, out } = await runCli(['check', '--config', 'other.yml'], { folder });
    expect(code).toBe(0);
    expect(out).toContain('error (warn) drain/grace-covers-ttl');
  });

  test('--policy runs one policy, --min-severity hides milder findings', async () => {
    const folder = temporaryFolder({ 'ledger.yaml': ledger, 'meshgate.yaml': classicSidecars });
    const one = await jsonOf(folder, '--policy', 'drain/effective-settings');
    expect(one.findings.filter(({ policy }) => policy !== 'drain/effective-settings')).toEqual([]);
    const errors = await jsonOf(folder, '--min-severity', 'error');
    expect(errors.findings.filter(({ severity }) => severity !== 'error')).toEqual([]);
  });

  test('an input that cannot be read is an error for that file, and the rest is checked', async () => {
    const folder = temporaryFolder({
      'ledger.yaml': ledger,
      'meshgate.yaml': classicSidecars,
      'broken.yaml': 'apiVersion: v1\nkind: [\n',
      'duplicate.yaml': 'apiVersion: v1\nkind: Pod\nkind: Pod\n',
      'binary.yaml': Buffer.from([0x61, 0, 1, 2]),
      'bomb.yaml': `apiVersion: v1\nkind: Pod\n${Array.from({ length: 12 }, (_, at) =>
        at === 0
          ? 'a0: &a0 [x]'
          : `a${String(at)}: &a${String(at)} [${`*a${String(at - 1)}, `.repeat(9)}]`,
      ).join('\n')}\n`,
      'large.yaml': '',
    });
    truncateSync(join(folder, 'large.yaml'), 100_000_000);
    symlinkSync('absent', join(folder, 'link.yaml'));
    const { code } = await runCli(['check', '-q'], { folder });
    expect(code).toBe(2);
    const report = await jsonOf(folder, '.', 'missing');
    expect(report.errors.map(({ file, line }) => `${file}:${String(line)}`)).toEqual([
      'binary.yaml:1',
      'bomb.yaml:1',
      'broken.yaml:2',
      'duplicate.yaml:3',
      'large.yaml:1',
      'link.yaml:1',
      'missing:1',
    ]);
    expect(report.findings.length).toBeGreaterThan(0);
  });

  test('a name cannot command the terminal or the runner', async () => {
    const name = String.raw`"x\e[31m\n::error::y\u202E"`;
    const hostile = ledger.replace('name: ledger\n', `name: ${name}\n`);
    const folder = temporaryFolder({ 'a.yaml': hostile, 'meshgate.yaml': classicSidecars });
    const text = await runCli(['check', '--no-color'], { folder });
    expect(text.code).toBe(1);
    expect(text.out).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202E]/u);
    const github = await runCli(['check', '--output', 'github'], { folder });
    for (const line of github.out.trimEnd().split('\n'))
      expect(line).toMatch(/^::(?:error|warning|notice) file=/u);
    await jsonOf(folder);
  });

  test('a reader that goes away ends the command quietly', async () => {
    const many = Array.from({ length: 300 }, (_, at) =>
      ledger.replaceAll('shop', `shop-${String(at)}`),
    );
    const folder = temporaryFolder({
      'a.yaml': many.join('---\n'),
      'meshgate.yaml': classicSidecars,
    });
    const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
    const child = spawn(process.execPath, [main, 'check'], { cwd: folder, timeout: 25_000 });
    let err = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.stdout.once('data', () => child.stdout.destroy());
    await new Promise((resolve) => child.once('close', resolve));
    expect(err).toBe('');
  });
});

describe('meshgate check --fix', () => {
  test('touches only the lines concerned, keeps the mode, and is done after one run', async () => {
    const folder = temporaryFolder({ 'ledger.yaml': ledger, 'meshgate.yaml': classicSidecars });
    const file = join(folder, 'ledger.yaml');
    chmodSync(file, 0o640);
    const diff = await runCli(['check', '--diff'], { folder });
    expect(readFileSync(file, 'utf8')).toBe(ledger);
    expect(diff.out).toContain('-      terminationGracePeriodSeconds: 30 # the default');
    expect(diff.code).toBe(1);
    const fix = await runCli(['check', '--fix'], { folder });
    expect(fix.err).toMatch(/^fixed: ledger\.yaml:\d+ drain\/grace-covers-ttl$/mu);
    const after = readFileSync(file, 'utf8');
    const changed = (text: string, other: string): readonly string[] =>
      text.split('\n').filter((line) => !other.includes(line));
    expect(changed(ledger, after)).toEqual([
      '          terminationDrainDuration: 20s',
      '      terminationGracePeriodSeconds: 30 # the default',
    ]);
    expect(changed(after, ledger)).toEqual([
      expect.stringMatching(/^ {10}terminationDrainDuration: \d+s$/u),
      expect.stringMatching(/^ {6}terminationGracePeriodSeconds: \d+ # the default$/u),
    ]);
    expect(statSync(file).mode & 0o777).toBe(0o640);
    const again = await runCli(['check', '--fix', '-q'], { folder });
    expect([again.code, readFileSync(file, 'utf8')]).toEqual([0, after]);
  });

  test('keeps Windows line ends and a byte order mark', async () => {
    const windows = `\uFEFF${ledger.replaceAll('\n', '\r\n')}`;
    const folder = temporaryFolder({ 'ledger.yaml': windows, 'meshgate.yaml': classicSidecars });
    expect((await runCli(['check', '--fix', '-q'], { folder })).code).toBe(0);
    const after = readFileSync(join(folder, 'ledger.yaml'), 'utf8');
    expect(after).not.toBe(windows);
    expect(after.startsWith('\uFEFF#')).toBe(true);
    expect(after.replaceAll('\r\n', '')).not.toContain('\n');
  });

  test('does not write through a link', async () => {
    const folder = temporaryFolder({ 'in/ledger.txt': ledger, 'meshgate.yaml': classicSidecars });
    symlinkSync('in/ledger.txt', join(folder, 'link.yaml'));
    const { code, out, err } = await runCli(['check', '--fix'], { folder });
    expect([code, readFileSync(join(folder, 'in/ledger.txt'), 'utf8')]).toEqual([1, ledger]);
    expect(err).toContain('not fixed: link.yaml');
    expect(out).not.toContain('--fix does it');
  });
});

describe('bad usage exits with 2 and says what to do', () => {
  test.each<readonly [readonly string[], RegExp]>([
    [['chek'], /unknown command 'chek'\n\(Did you mean check\?\)/u],
    [['check', '--outptu', 'json'], /Did you mean --output\?/u],
    [['check', '--output', 'xml'], /Allowed choices are text, json, sarif, junit, github/u],
    [['check', '--policy', 'drain/grace-cover-ttl'], /did you mean "drain\/grace-covers-ttl"\?/u],
    [['check', '--fix', '-'], /cannot fix the standard input/u],
    [['check', '--fix', '--diff'], /cannot be used with/u],
    [['check', '--config', 'absent.yaml'], /absent\.yaml: no such file/u],
    [
      ['check', '--config', 'bad.yaml'],
      /bad\.yaml:3: \/mesch: unknown key; did you mean "mesh"\?\nbad\.yaml:5: /u,
    ],
    [['check', '--config', 'broken.yaml'], /broken\.yaml:2: /u],
    [['explain', 'drain/nothing'], /there is no policy "drain\/nothing"/u],
    [['explain'], /missing required argument/u],
  ])('%j', async (args, wanted) => {
    const folder = temporaryFolder({
      'bad.yaml':
        'apiVersion: meshgate.dev/v1alpha1\nkind: MeshgateConfig\nmesch: {}\npolicies:\n  drain/nothing: { mode: warn }\n',
      'broken.yaml': 'a: 1\na: 2\n',
    });
    const { code, out, err } = await runCli(args, { folder });
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(wanted);
  });
});
