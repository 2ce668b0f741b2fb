import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const loader = new URL('../../bin/run-script.mjs', import.meta.url).href;
const program = `
  const { runScript } = await import(${JSON.stringify(loader)});
  const [script, folder, seconds] = process.argv.slice(1);
  process.uptime = () => Number(seconds);
  runScript(new URL(script), folder);
`;

let folder: string;
let script: string;
let cache: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meshgate-script-'));
  script = join(folder, 'script.cjs');
  cache = join(folder, 'cache');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a script as `bin/meshgate.mjs` does, in a process of its own that takes so long by its own account. */
function run(body: string, tookSeconds = 1): string {
  writeFileSync(script, `(function (require, scriptUrl) {${body}})`);
  const url = pathToFileURL(script).href;
  const args = ['--input-type=module', '-e', program, url, cache, String(tookSeconds)];
  return execFileSync(process.execPath, args, { encoding: 'utf8' }).trim();
}

function kept(): readonly string[] {
  return existsSync(cache) ? readdirSync(cache).map((name) => join(cache, name)) : [];
}

const greeting = "function greet(name) { return 'hello ' + name } console.log(greet(";

test('a script has require and its own URL, and its exit code counts', () => {
  expect(run("console.log(require('node:path').basename(scriptUrl)); process.exitCode = 0")).toBe(
    'script.cjs',
  );
});

test('what was compiled is kept for the next run, which does the same', () => {
  expect(run(`${greeting}1))`)).toBe('hello 1');
  const [file = ''] = kept();
  const code = readFileSync(file);
  expect(run(`${greeting}1))`)).toBe('hello 1');
  expect(kept()).toEqual([file]);
  expect(readFileSync(file)).toEqual(code);
});

test('another script of the same length is not run by the code of the first', () => {
  expect(run(`${greeting}1))`)).toBe('hello 1');
  expect(run(`${greeting}2))`)).toBe('hello 2');
  expect(kept()).toHaveLength(2);
});

test.each([
  ['empty', () => Buffer.alloc(0)],
  ['cut short', (code: Buffer) => code.subarray(0, code.length / 2)],
  ['changed', (code: Buffer) => Buffer.from(code).fill(0xff, code.length / 2)],
])('kept code that is %s is not used, and made anew', (_, damage) => {
  run(`${greeting}1))`);
  const [file = ''] = kept();
  const damaged = damage(readFileSync(file));
  writeFileSync(file, damaged);
  expect(run(`${greeting}1))`)).toBe('hello 1');
  expect(readFileSync(file).equals(damaged)).toBe(false);
});

test('where nothing can be kept, the script runs all the same', () => {
  writeFileSync(cache, 'a file where the folder would be');
  expect(run(`${greeting}1))`)).toBe('hello 1');
  expect(readFileSync(cache, 'utf8')).toBe('a file where the folder would be');
});

test('nothing is kept of a run that changed the flags of V8, since no other run could use it', () => {
  expect(
    run("require('node:v8').setFlagsFromString('--semi-space-growth-factor=1'); console.log(1)"),
  ).toBe('1');
  expect(kept()).toEqual([]);
});

test('a run that takes far longer leaves what it compiled too', () => {
  const body = `
    const { existsSync } = require('node:fs');
    function rarelyCalled() { return [1, 2, 3].map((value) => value * 2).join() }
    if (existsSync(require('node:url').fileURLToPath(scriptUrl) + '.long')) {
      console.log(rarelyCalled());
    }`;
  expect(run(body)).toBe('');
  const [file = ''] = kept();
  const before = readFileSync(file).length;
  writeFileSync(`${script}.long`, '');
  expect(run(body, 3)).toBe('2,4,6');
  expect(readFileSync(file).length).toBeGreaterThan(before);
});
