import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { monorepo } from './monorepo.ts';

const apps = 500;
const rounds = 3;
const command = fileURLToPath(new URL('../../bin/meshgate.mjs', import.meta.url));
const bars = { one: 3, all: 30, mebibytes: 1024 };

/** Reviews a repository of 500 apps in which one app, and then every app, changes; as the built command does it. */
export async function benchRender(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'meshgate-bench-'));
  try {
    git(folder, 'init', '--quiet', '--initial-branch=main');
    commit(folder, () => '60s');
    git(folder, 'branch', 'base');
    commit(folder, (app) => (app === 7 ? '61s' : '60s'));
    report('one of 500 apps', bars.one, folder);
    commit(folder, () => '61s');
    report('all of 500 apps', bars.all, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function report(what: string, bar: number, folder: string): void {
  const runs = Array.from({ length: rounds }, () => reviewOnce(folder));
  const seconds = runs.map((run) => run.seconds).toSorted((left, right) => left - right);
  const mebibytes = Math.max(...runs.map((run) => run.mebibytes));
  const [run] = runs;
  process.stdout.write(
    `${what}: ${(seconds[1] ?? 0).toFixed(2)} s (bar ${String(bar)} s), ` +
      `${mebibytes.toFixed(0)} MiB (bar ${String(bars.mebibytes)} MiB), ` +
      `${String(run?.changes)} changed objects, ${String(run?.errors)} not rendered\n`,
  );
}

function reviewOnce(folder: string): {
  readonly seconds: number;
  readonly mebibytes: number;
  readonly changes: number;
  readonly errors: number;
} {
  const script =
    'process.on("exit", () => process.stderr.write(`rss=${process.resourceUsage().maxRSS}`));';
  const started = performance.now();
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      '--import',
      `data:text/javascript,${encodeURIComponent(script)}`,
      command,
      'review',
      '--base',
      'base',
      '--output',
      'json',
    ],
    { cwd: folder, encoding: 'utf8', maxBuffer: 1e9 },
  );
  const seconds = (performance.now() - started) / 1000;
  const { changes, renderErrors } = JSON.parse(stdout) as {
    readonly changes: readonly unknown[];
    readonly renderErrors: readonly unknown[];
  };
  const mebibytes = Math.max(
    0,
    ...[...stderr.matchAll(/rss=(\d+)/gu)].map(([, kib]) => Number(kib) / 1024),
  );
  return { seconds, mebibytes, changes: changes.length, errors: renderErrors.length };
}

function commit(folder: string, ttlOf: (app: number) => string): void {
  for (const [path, text] of monorepo(apps, ttlOf)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  git(folder, 'add', '--all');
  git(
    folder,
    '-c',
    'user.name=bench',
    '-c',
    'user.email=bench@example.com',
    'commit',
    '--quiet',
    '-m',
    'state',
  );
}

function git(folder: string, ...args: readonly string[]): void {
  execFileSync('git', ['-C', folder, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
}
