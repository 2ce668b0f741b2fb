import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** The bundle is built once more, which takes minutes where much else runs. */
const packingMilliseconds = 300_000;
let folder: string;

function run(command: string, args: readonly string[]): string {
  return execFileSync(command, args, { cwd: root, encoding: 'utf8', timeout: packingMilliseconds });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'meshgate-package-'));
  run('npm', ['pack', '--silent', '--pack-destination', folder]);
  const [tarball = ''] = readdirSync(folder);
  run('tar', ['-xzf', join(folder, tarball), '-C', folder]);
}, packingMilliseconds);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the package holds what ships and nothing else', () => {
  const shipped = readdirSync(join(folder, 'package')).toSorted();
  const expected = [
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'bin',
    'deploy',
    'dist',
    'package.json',
    'schemas',
  ];
  expect(shipped).toEqual(expected);
});

test('the bundle runs where nothing is installed', () => {
  const help = run(process.execPath, [join(folder, 'package/bin/meshgate.mjs'), '--help']);
  expect(help).toContain('Usage: meshgate');
});
