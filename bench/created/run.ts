import { startGate } from '../../test/support/cluster/gate.ts';
import { pod } from '../../test/support/cluster/objects.ts';
import { loadConfig, prepareLoad } from '../../test/support/cluster/review-load.ts';
import { startCluster, type Cluster } from '../../test/support/cluster/start.ts';

/** Where no webhook is called, and where the Pods are filled in. */
const namespaces = { without: 'kube-system', with: 'shop' } as const;
const warmUp = 100;
const measured = 400;

/** Prints how much longer a Pod takes to be created at a real API server because both gates are asked. */
export async function benchCreated(): Promise<void> {
  const cluster = await startCluster();
  try {
    await prepareLoad(cluster);
    const gate = await startGate(cluster, { config: loadConfig });
    await gate.waitUntilReady();
    await gate.register();
    await createPods(cluster, 'warm', warmUp);
    const times = await createPods(cluster, 'measured', measured);
    const [without, judged] = [times.without, times.with].map((all) =>
      all.toSorted((left, right) => left - right),
    );
    print(`Pods created at the API server, ${String(measured)} each, one after the other`);
    print(['', 'no webhook, ms', 'both gates, ms', 'added, ms'].join('\t'));
    for (const [name, share] of [
      ['p50', 0.5],
      ['p99', 0.99],
    ] as const) {
      const [before, after] = [quantile(without, share), quantile(judged, share)];
      const added = (after - before).toFixed(2);
      print([name, before.toFixed(2), after.toFixed(2), added].join('\t'));
    }
    await gate.stop();
  } finally {
    await cluster.stop();
  }
}

/** In turn, so that a busy moment of the machine falls on both. */
async function createPods(
  cluster: Cluster,
  name: string,
  count: number,
): Promise<Readonly<Record<keyof typeof namespaces, readonly number[]>>> {
  const times = { without: [] as number[], with: [] as number[] };
  for (let index = 0; index < count; index += 1) {
    for (const side of ['without', 'with'] as const) {
      const path = `/api/v1/namespaces/${namespaces[side]}/pods`;
      const start = performance.now();
      await cluster.api.must('POST', path, pod(`${name}-${String(index)}`, { app: 'ledger' }));
      times[side].push(performance.now() - start);
    }
  }
  return times;
}

function quantile(sorted: readonly number[] | undefined, share: number): number {
  return sorted?.[Math.floor(sorted.length * share)] ?? Number.NaN;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
