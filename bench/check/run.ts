import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBenchEnvironment } from '../environment.ts';
import { writeManifests } from './manifests.ts';
import { runCheck, runIstioctl, type Run } from './measure.ts';

const sizes = [1_000, 10_000];
const rounds = 5;

/** Prints what `meshgate check` takes for manifests on disk, beside `istioctl analyze` where there is one. */
export async function benchCheck(): Promise<void> {
  const { istioOracle } = readBenchEnvironment();
  print(`${String(rounds)} rounds in turn, medians, Node ${process.version}\n`);
  print('program\tdocuments\tseconds\tdocuments/s\tCPU s\tMB\ttimes as fast as istioctl');
  for (const size of sizes) {
    const folder = await mkdtemp(join(tmpdir(), 'meshgate-bench-'));
    try {
      await compare(size, folder, istioOracle);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  if (istioOracle === undefined) {
    print('\nistioctl is not run: ISTIO_ORACLE names no Istio binary.');
  }
}

async function compare(
  size: number,
  folder: string,
  istioOracle: string | undefined,
): Promise<void> {
  const files = await writeManifests(size, folder);
  // The first run fills the cache of compiled code, as an installed command has it from then on.
  await runCheck(folder);
  const ours: Run[] = [];
  const theirs: Run[] = [];
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await runCheck(folder));
    if (istioOracle !== undefined) {
      theirs.push(await runIstioctl(istioOracle, files));
    }
  }
  const istioctlSeconds =
    theirs.length === 0 ? undefined : median(theirs, ({ seconds }) => seconds);
  printRow('meshgate', size, ours, istioctlSeconds);
  if (theirs.length > 0) {
    printRow('istioctl', size, theirs, istioctlSeconds);
  }
}

function printRow(
  program: string,
  documents: number,
  runs: readonly Run[],
  istioctlSeconds: number | undefined,
): void {
  const seconds = median(runs, (run) => run.seconds);
  const cells = [
    program,
    String(documents),
    seconds.toFixed(2),
    (documents / seconds).toFixed(0),
    shown(
      median(runs, ({ cpuSeconds }) => cpuSeconds),
      2,
    ),
    shown(
      median(runs, ({ megabytes }) => megabytes),
      0,
    ),
    shown(istioctlSeconds === undefined ? undefined : istioctlSeconds / seconds, 2),
  ];
  print(cells.join('\t'));
}

function shown(value: number | undefined, digits: number): string {
  return value === undefined || Number.isNaN(value) ? '-' : value.toFixed(digits);
}

/** NaN where no run tells. */
function median(runs: readonly Run[], pick: (run: Run) => number | undefined): number {
  const told = runs.flatMap((run) => pick(run) ?? []).toSorted((left, right) => left - right);
  return told[Math.floor(told.length / 2)] ?? Number.NaN;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
