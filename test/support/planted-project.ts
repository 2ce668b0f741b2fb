import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What the tools read beside the sources. */
const configuration = [
  '.dependency-cruiser.js',
  '.oxlintrc.json',
  '.prettierrc.json',
  'jest.config.js',
  'knip.json',
  'package.json',
  'tsconfig.json',
  'tools/lint',
];

/** How a tool ended, its standard output and its standard error. */
export interface ToolRun {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** A throwaway project under the repository's own configuration, to plant offences in. */
export interface PlantedProject {
  run(script: string, args?: readonly string[]): ToolRun;
  remove(): void;
}

/** Makes a project of the given files (path to text) in a temporary folder. */
export function plantProject(files: Readonly<Record<string, string>>): PlantedProject {
  const folder = mkdtempSync(join(tmpdir(), 'meshgate-planted-'));
  for (const path of configuration) {
    cpSync(join(root, path), join(folder, path), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return {
    run: (script, args = []) => runScript(folder, script, args),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Runs a script of package.json, as `npm run` would. */
function runScript(folder: string, script: string, args: readonly string[]): ToolRun {
  const ran = spawnSync('npm', ['run', '--silent', script, '--', ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 200_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  return { code: ran.status, output: ran.stdout, errors: ran.stderr };
}
