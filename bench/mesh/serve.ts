import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applied } from '../admission/apply.ts';
import type { LoadResult } from '../admission/load.ts';
import { runLoad } from '../admission/processes.ts';
import { allDifferent, ofOneTemplate, podReview, type Pods } from '../admission/subject.ts';
import { startApi } from '../served/api.ts';
import type { ApiSize } from '../served/api-server.ts';
import { startServed, untilReady, type Served } from '../served/serve.ts';
import type { AdmissionGate } from '../../webhooks/admission/request.ts';
import { median } from './median.ts';

type ServedMesh = Readonly<Record<'few' | 'many', Served>>;

const rounds = 9;
const roundMilliseconds = 600;
const warmUpMilliseconds = 5_000;
const readyLimitSeconds = 120;

/** Prints how long `meshgate serve` takes to be ready in clusters of two sizes, what it holds, and how its p50 grows. */
export async function benchServedMesh(few: ApiSize, many: ApiSize): Promise<void> {
  const small = await startIn('small', few);
  const large = await startIn('large', many);
  try {
    print(['review', 'connections', 'small p50, ms', 'large p50, ms', 'ratio'].join('\t'));
    for (const gate of ['mutate', 'validate'] as const) {
      for (const pods of [ofOneTemplate, allDifferent]) {
        await comparePods({ few: small.served, many: large.served }, gate, pods);
      }
    }
  } finally {
    await Promise.all([small.stop(), large.stop()]);
  }
}

async function startIn(
  name: string,
  size: ApiSize,
): Promise<{ readonly served: Served; readonly stop: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'meshgate-bench-'));
  const api = await startApi(size);
  const served = await startServed({ folder, api });
  const seconds = await untilReady(served, readyLimitSeconds);
  const { cpuSeconds, peakBytes, rssBytes, heapBytes } = await served.state();
  print(
    `${name}: ${String(size.services)} Services, ready after ${seconds.toFixed(1)} s ` +
      `(${cpuSeconds.toFixed(1)} s of CPU), ${megabytes(rssBytes)} MB resident, ` +
      `${megabytes(peakBytes)} MB at most, ${megabytes(heapBytes)} MB of heap`,
  );
  return {
    served,
    async stop() {
      await served.stop();
      api.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Interleaved, so that a busy moment of the machine falls on both. */
async function comparePods(mesh: ServedMesh, gate: AdmissionGate, pods: Pods): Promise<void> {
  const first = await load(mesh.few, 'mutate', podReview(pods, 'mutate'), pods, 1);
  const body = podReview(pods, gate);
  const asked = gate === 'mutate' ? body : applied(body, first.last);
  const times = { few: [] as number[], many: [] as number[] };
  for (const size of ['few', 'many'] as const) {
    await load(mesh[size], gate, asked, pods, warmUpMilliseconds);
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const size of ['few', 'many'] as const) {
      const result = await load(mesh[size], gate, asked, pods, roundMilliseconds);
      times[size].push(result.p50Milliseconds);
    }
  }
  const [small, large] = [median(times.few), median(times.many)];
  print(
    [
      `${gate}, ${pods.name}`,
      '1',
      small.toFixed(3),
      large.toFixed(3),
      (large / small).toFixed(2),
    ].join('\t'),
  );
}

async function load(
  { port, ca }: Served,
  gate: AdmissionGate,
  body: string,
  { varied }: Pods,
  milliseconds: number,
): Promise<LoadResult> {
  const task = { port, ca, path: `/${gate}`, body, varied, connections: 1, milliseconds };
  const result = await runLoad(task);
  if (result.failures > 0) {
    throw new Error(`${String(result.failures)} of ${String(result.requests)} reviews failed`);
  }
  return result;
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
