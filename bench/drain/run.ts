import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { readBenchEnvironment } from '../environment.ts';
import type { BenchOptions } from '../options.ts';
import { drainCases, servedRatios } from './cases.ts';
import { runCell, type Cell, type Lab } from './cell.ts';
import { envoyVersion } from './envoy.ts';
import { cutIn, formatRange, type Evidence } from './evidence.ts';
import { writeEvidence } from './write.ts';

const clients = 100;
// Two Envoys and a hundred clients each: light enough for two cores.
const cellsAtOnce = 12;

/** Counts the connections that a real Envoy cuts when its Pod ends, by how long it served after its deletion. */
export async function benchDrain({ write, ttlSeconds, rounds }: BenchOptions): Promise<void> {
  const { envoy } = readBenchEnvironment();
  const version = envoyVersion(envoy);
  if (version === undefined) {
    process.stderr.write(
      `No Envoy runs at ${envoy}: run \`npm run tools -- envoy\`, or name one by MESHGATE_ENVOY.\n`,
    );
    process.exitCode = 1;
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'meshgate-drain-'));
  process.once('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  const lab = { envoy, folder, clients, ttlMilliseconds: ttlSeconds * 1000 };
  const delay = monitorEventLoopDelay();
  delay.enable();
  const evidence: Evidence = {
    envoyVersion: version,
    nodeVersion: process.versions.node,
    clients,
    ttlSeconds,
    cells: await measure(lab, rounds),
  };
  print(evidence, rounds);
  process.stdout.write(
    `\nThe bench itself was late by up to ${(delay.max / 1e9 / ttlSeconds).toFixed(2)} TTL.\n`,
  );
  if (write) await writeEvidence(evidence);
}

async function measure(lab: Lab, rounds: number): Promise<Evidence['cells']> {
  const results = drainCases.flatMap((drainCase) =>
    servedRatios.map((servedRatio) => ({ drainCase, servedRatio, cut: [] as number[] })),
  );
  const waiting = Array.from({ length: rounds }, () => results)
    .flat()
    .map((result, seed) => ({ result, seed }))
    // The longest first, so that none is left alone at the end.
    .sort((left, right) => right.result.servedRatio - left.result.servedRatio);
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const cell: Cell = { ...next.result, seed: next.seed };
      next.result.cut.push(await runCell(lab, cell));
      process.stderr.write(`${String(waiting.length)} terminations to begin\n`);
    }
  };
  await Promise.all(Array.from({ length: cellsAtOnce }, worker));
  return results.map(({ drainCase, servedRatio, cut }) => ({
    caseId: drainCase.id,
    servedRatio,
    cut: cut.sort((left, right) => left - right),
  }));
}

function print(evidence: Evidence, rounds: number): void {
  process.stdout.write(
    `Connections cut of ${String(clients)} by life after deletion over a TTL of ${String(evidence.ttlSeconds)} s, ` +
      `${String(rounds)} rounds, Envoy ${evidence.envoyVersion}\n\n`,
  );
  const widest = Math.max(...drainCases.map(({ title }) => title.length));
  const rows = [
    ['', ...servedRatios.map(String)],
    ...drainCases.map(({ id, title }) => [
      title,
      ...servedRatios.map((ratio) => formatRange(cutIn(evidence, id, ratio))),
    ]),
  ];
  for (const [title = '', ...cells] of rows) {
    process.stdout.write(
      `${title.padEnd(widest)}${cells.map((cell) => cell.padStart(9)).join('')}\n`,
    );
  }
}
