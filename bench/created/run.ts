import { startGate } from '../../test/support/cluster/gate.ts';
import { pod } from '../../test/support/cluster/objects.ts';
import { loadConfig, prepareLoad } from '../../test/support/cluster/review-load.ts';
import { startCluster, type Cluster } from '../../test/support/cluster/start.ts';
import { readBenchEnvironment } from '../environment.ts';
import { startPepr } from './pepr.ts';

/** Where no webhook is called, and who fills in and judges the Pods elsewhere. */
const unasked = 'kube-system';
const namespaces: Readonly<Record<string, string>> = { meshgate: 'shop', Pepr: 'peer' };
const warmUp = 100;
const measured = 400;

/** Prints how much longer a Pod takes to be created at a real API server because both gates are asked, or a peer's. */
export async function benchCreated(): Promise<void> {
  const { pepr } = readBenchEnvironment();
  const cluster = await startCluster();
  try {
    await prepareLoad(cluster);
    const gate = await startGate(cluster, { config: loadConfig });
    await gate.waitUntilReady();
    await gate.register();
    if (pepr !== undefined) await startPepr(cluster, pepr);
    const names = pepr === undefined ? ['meshgate'] : ['meshgate', 'Pepr'];
    await createPods(cluster, names, 'warm', warmUp);
    printTimes(await createPods(cluster, names, 'measured', measured), names);
    await gate.stop();
  } finally {
    await cluster.stop();
  }
}

/** In turn, so that a busy moment of the machine falls on all. */
async function createPods(
  cluster: Cluster,
  names: readonly string[],
  prefix: string,
  count: number,
): Promise<ReadonlyMap<string, number[]>> {
  const places = [unasked, ...names.map((name) => namespaces[name] ?? '')];
  const times = new Map(places.map((place) => [place, [] as number[]]));
  for (let index = 0; index < count; index += 1) {
    for (const [place, taken] of times) {
      const body = pod(`${prefix}-${String(index)}`, { app: 'ledger' });
      const start = performance.now();
      await cluster.api.must('POST', `/api/v1/namespaces/${place}/pods`, body);
      taken.push(performance.now() - start);
    }
  }
  return times;
}

function printTimes(times: ReadonlyMap<string, number[]>, names: readonly string[]): void {
  print(`Pods created at the API server, ${String(measured)} each, one after the other`);
  const columns = names.flatMap((name) => [`${name}, both gates, ms`, 'added, ms']);
  print(['', 'no webhook, ms', ...columns].join('\t'));
  for (const share of [0.5, 0.99]) {
    const before = quantile(times.get(unasked), share);
    const cells = names.flatMap((name) => {
      const after = quantile(times.get(namespaces[name] ?? ''), share);
      return [after, after - before];
    });
    print(
      [`p${String(share * 100)}`, ...[before, ...cells].map((cell) => cell.toFixed(2))].join('\t'),
    );
  }
}

function quantile(all: readonly number[] = [], share: number): number {
  return all.toSorted((left, right) => left - right)[Math.floor(all.length * share)] ?? Number.NaN;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
