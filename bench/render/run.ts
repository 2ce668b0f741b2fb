import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readBenchEnvironment } from '../environment.ts';
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
    commit(folder, (app) => (app === 7 ? '61000ms' : '60s'));
    report('one of 500 apps', bars.one, folder);
    commit(folder, () => '62000ms');
    report('all of 500 apps', bars.all, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Reviews with nothing remembered, and with what such a review left behind. */
function report(what: string, bar: number, folder: string): void {
  const cold = Array.from({ length: rounds }, () =>
    reviewOnce(folder, mkdtempSync(join(folder, '.git/cold-'))),
  );
  const kept = mkdtempSync(join(folder, '.git/kept-'));
  reviewOnce(folder, kept);
  const warm = Array.from({ length: rounds }, () => reviewOnce(folder, kept));
  tell(`${what}, cold`, bar, cold);
  tell(`${what}, warm`, bar, warm);
}

function tell(what: string, bar: number, runs: readonly Run[]): void {
  const seconds = runs.map((run) => run.seconds).toSorted((left, right) => left - right);
  const processor = runs.map((run) => run.processor).toSorted((left, right) => left - right);
  const mebibytes = Math.max(...runs.map((run) => run.mebibytes));
  const [run] = runs;
  process.stdout.write(
    `${what}: ${(seconds[1] ?? 0).toFixed(2)} s (bar ${String(bar)} s), ` +
      `${(processor[1] ?? 0).toFixed(2)} s of processors, ` +
      `${mebibytes.toFixed(0)} MiB (bar ${String(bars.mebibytes)} MiB), ` +
      `${String(run?.changes)} changed objects, ${String(run?.errors)} not rendered\n`,
  );
}

interface Run {
  readonly seconds: number;
  /** Seconds of all processors together, which other programs on the machine distort less. */
  readonly processor: number;
  readonly mebibytes: number;
  readonly changes: number;
  readonly errors: number;
}

function reviewOnce(folder: string, cache: string): Run {
  const script =
    'process.on("exit", () => { const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage(); process.stderr.write(`rss=${maxRSS} cpu=${userCPUTime + systemCPUTime} `); });';
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
    {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 1e9,
      env: { PATH: readBenchEnvironment().path, MESHGATE_CACHE: cache },
    },
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
  const processor = Math.max(
    0,
    ...[...stderr.matchAll(/cpu=(\d+)/gu)].map(([, used]) => Number(used) / 1e6),
  );
  return { seconds, processor, mebibytes, changes: changes.length, errors: renderErrors.length };
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
