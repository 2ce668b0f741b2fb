import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  addReplica,
  removeReplica,
  rotate,
  startFleet,
  underLoad,
  type Fleet,
} from '../../test/support/cluster/availability.ts';
import {
  loadConfig,
  prepareLoad,
  type LoadCounts,
} from '../../test/support/cluster/review-load.ts';
import { startCluster } from '../../test/support/cluster/start.ts';
import { preparePlace, startBalancer } from '../../test/support/cluster/upkeep.ts';
import type { BenchOptions } from '../options.ts';

const replicas = 2;
const shutdownMilliseconds = 5000;

interface Trial {
  readonly name: string;
  readonly isOnNewConnections: boolean;
  readonly work: (fleet: Fleet, round: number) => Promise<void>;
}

const trials: readonly Trial[] = [
  { name: 'new leaf', isOnNewConnections: true, work: (fleet) => rotate(fleet, 'leaf') },
  { name: 'new authority', isOnNewConnections: true, work: (fleet) => rotate(fleet, 'authority') },
  { name: 'rolling restart', isOnNewConnections: false, work: restart },
];

/** Counts the requests that fail, and the wrong verdicts, while certificates rotate and replicas restart under load. */
export async function benchAvailability({ rounds }: BenchOptions): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'availability-'));
  const config = join(folder, 'meshgate.yaml');
  await writeFile(config, loadConfig);
  const cluster = await startCluster();
  const balancer = await startBalancer();
  try {
    await preparePlace(cluster);
    await prepareLoad(cluster);
    const fleet = await startFleet(cluster, balancer, config, replicas);
    // The configurations act a moment after they are written.
    await underLoad(cluster, false, () => Promise.resolve());
    for (const { name, isOnNewConnections, work } of trials) {
      const counts: LoadCounts = {
        requests: 0,
        failed: 0,
        wrong: 0,
        late: 0,
        lost: 0,
        problems: [],
      };
      for (let round = 0; round < rounds; round += 1) {
        add(counts, await underLoad(cluster, isOnNewConnections, () => work(fleet, round)));
      }
      print(name, counts);
    }
    await Promise.all(fleet.replicas.map(({ serving }) => serving.stop(0)));
  } finally {
    await balancer.close();
    await cluster.stop();
    await rm(folder, { recursive: true });
  }
}

async function restart(fleet: Fleet, round: number): Promise<void> {
  for (let index = 0; index < replicas; index += 1) {
    await addReplica(fleet, `round-${String(round)}-${String(index)}`);
    await removeReplica(fleet, shutdownMilliseconds);
  }
}

function add(counts: LoadCounts, more: LoadCounts): void {
  counts.requests += more.requests;
  counts.failed += more.failed;
  counts.wrong += more.wrong;
  counts.late += more.late;
  counts.lost += more.lost;
  counts.problems.push(...more.problems);
}

function print(name: string, counts: LoadCounts): void {
  const { requests, failed, wrong, late, lost, problems } = counts;
  const line = `${name.padEnd(16)} ${String(requests)} requests, ${String(failed)} failed, ${String(wrong)} wrong verdicts (calls given up: ${String(late)} late, ${String(lost)} lost)`;
  process.stdout.write(`${[line, ...problems.slice(0, 3)].join('\n  ')}\n`);
}
