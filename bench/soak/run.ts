import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { applied } from '../admission/apply.ts';
import type { LoadResult, LoadTask } from '../admission/load.ts';
import { runLoad } from '../admission/processes.ts';
import { allDifferent, ofOneTemplate, podReview } from '../admission/subject.ts';
import type { BenchOptions } from '../options.ts';
import { startApi } from '../served/api.ts';
import type { ProcessState } from '../served/process-state.ts';
import { startServed, untilReady, type Served } from '../served/serve.ts';
import { sendOddCalls } from './odd-calls.ts';
import { describeSoak, isSound, type Sample, type Soak } from './verdict.ts';

type Mix = Readonly<Record<string, Omit<LoadTask, 'milliseconds'>>>;

const api = { services: 1000, podsPerService: 5, changesPerSecond: 20 };
const readyLimitSeconds = 120;
const capacityMilliseconds = 10_000;
const shareOfCapacity = 0.5;
const samplesWanted = 60;
const leastSampleMilliseconds = 2_000;
const reloadMilliseconds = 15_000;
const settleMilliseconds = 3_000;

/** Serves for minutes at half of capacity, and tells whether memory or handles grow. Sets the exit code where they do. */
export async function benchSoak({ minutes }: BenchOptions): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'meshgate-soak-'));
  const config = join(folder, 'meshgate.yaml');
  await writeFile(config, configuration(0));
  const cluster = await startApi(api);
  const served = await startServed({ folder, api: cluster, config });
  try {
    await untilReady(served, readyLimitSeconds);
    const soak = await soakFor(minutes * 60_000, served, config);
    process.stdout.write(describeSoak(soak));
    if (!isSound(soak)) {
      process.exitCode = 1;
    }
  } finally {
    await served.stop();
    cluster.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function soakFor(milliseconds: number, served: Served, config: string): Promise<Soak> {
  const mix = await mixFor(served);
  const capacity = await load(mix, capacityMilliseconds);
  const perSecond = (rateOf(capacity) * shareOfCapacity) / Object.keys(mix).length;
  await delay(settleMilliseconds);
  const before = await served.state();
  const ended = new AbortController();
  const oddCalls = sendOddCalls(served.port, served.ca, ended.signal);
  const reloads = reload(config, ended.signal);
  const samples = sample(served, milliseconds, ended.signal);
  const results = await load(mix, milliseconds, perSecond);
  ended.abort();
  const counts = { oddCalls: await oddCalls, reloads: await reloads };
  await delay(settleMilliseconds);
  const after = await served.state();
  return {
    ...counts,
    capacityPerSecond: rateOf(capacity),
    ratePerSecond: rateOf(results),
    requests: total(results, ({ requests }) => requests),
    failures: total(results, ({ failures }) => failures),
    samples: await samples,
    before,
    after,
  };
}

/** Both gates, Pods of one template and of many. */
async function mixFor({ port, ca }: Served): Promise<Mix> {
  const mix: Record<string, Omit<LoadTask, 'milliseconds'>> = {};
  for (const pods of [ofOneTemplate, allDifferent]) {
    const base = { port, ca, varied: pods.varied, connections: 3 };
    const mutate = { ...base, path: '/mutate', body: podReview(pods, 'mutate') };
    const { last } = await runLoad({ ...mutate, connections: 1, milliseconds: 1 });
    const body = applied(podReview(pods, 'validate'), last);
    mix[`mutate, ${pods.name}`] = mutate;
    mix[`validate, ${pods.name}`] = { ...base, path: '/validate', body };
  }
  return mix;
}

async function load(
  mix: Mix,
  milliseconds: number,
  perSecond?: number,
): Promise<readonly LoadResult[]> {
  const pace = perSecond === undefined ? {} : { requestsPerSecond: perSecond };
  return Promise.all(Object.values(mix).map((task) => runLoad({ ...task, ...pace, milliseconds })));
}

async function sample(
  served: Served,
  milliseconds: number,
  signal: AbortSignal,
): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const start = performance.now();
  const interval = Math.max(leastSampleMilliseconds, milliseconds / samplesWanted);
  while (await waited(interval, signal)) {
    const state: ProcessState = await served.state();
    samples.push({ minutes: (performance.now() - start) / 60_000, state });
  }
  return samples;
}

/** Writes another configuration now and then, some of which cannot be used. */
async function reload(config: string, signal: AbortSignal): Promise<number> {
  let written = 0;
  while (await waited(reloadMilliseconds, signal)) {
    written += 1;
    await writeFile(config, written % 4 === 0 ? 'policies: [' : configuration(written));
  }
  return written;
}

function configuration(version: number): string {
  const ratio = 1.5 + (version % 3) / 10;
  return [
    'apiVersion: meshgate.dev/v1alpha1',
    'kind: MeshgateConfig',
    'policies:',
    '  drain/grace-covers-ttl:',
    `    params: { minimumRatio: ${String(ratio)} }`,
    '',
  ].join('\n');
}

async function waited(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  await delay(milliseconds, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
}

function rateOf(results: readonly LoadResult[]): number {
  return total(results, ({ requests, seconds }) => requests / seconds);
}

function total(results: readonly LoadResult[], of: (result: LoadResult) => number): number {
  return results.reduce((sum, result) => sum + of(result), 0);
}
