import { expect, test } from '@jest/globals';
import { numberIn, stringIn } from '../../../policies/core/json.ts';
import { campaign, type Campaign } from '../../../webhooks/upkeep/lease.ts';
import { readReplicas, removeReplica, reportReplica } from '../../../webhooks/upkeep/replicas.ts';
import { manualClock, type ManualClock } from '../../support/manual-clock.ts';
import { memoryCluster, type MemoryCluster } from '../../support/memory-writer.ts';
import { seededRandom } from '../../support/random.ts';

const path = '/apis/coordination.k8s.io/v1/namespaces/own/leases/meshgate';
const start = Date.parse('2026-11-30T12:00:00Z');

interface Replica {
  readonly campaign: Campaign;
  readonly problems: unknown[];
  /** The network: what it says happens to each request. */
  network: () => Promise<void>;
}

function join(cluster: MemoryCluster, clock: ManualClock, identity: string): Replica {
  const problems: unknown[] = [];
  const replica: { network: () => Promise<void> } = { network: () => Promise.resolve() };
  const one = campaign({
    writer: cluster.writer(() => replica.network()),
    clock,
    namespace: 'own',
    name: 'meshgate',
    identity,
    metadata: () => Promise.resolve({ labels: {} }),
    onChange: () => undefined,
    onProblem: (error) => problems.push(error),
  });
  return Object.assign(replica, { campaign: one, problems });
}

/** Lets everything that can happen without time passing happen. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}

async function pass(clock: ManualClock, milliseconds: number, step = 500): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += step) {
    clock.advance(step);
    await settle();
  }
}

const holders = (replicas: readonly Replica[]): number =>
  replicas.filter(({ campaign: one }) => one.isHolder()).length;

test('one of three holds the Lease, and goes on doing so', async () => {
  const cluster = memoryCluster();
  const clock = manualClock(start);
  const replicas = ['a', 'b', 'c'].map((name) => join(cluster, clock, name));
  await settle();
  await pass(clock, 60_000);
  expect(holders(replicas)).toBe(1);
  expect(numberIn(cluster.objects.get(path), 'spec', 'leaseTransitions')).toBe(0);
  expect(stringIn(cluster.objects.get(path), 'spec', 'renewTime')).toMatch(/\.\d{6}Z$/u);
});

test('an empty Lease, as a chart makes it, is taken', async () => {
  const cluster = memoryCluster();
  cluster.objects.set(path, { metadata: { name: 'meshgate', labels: { theirs: 'x' } } });
  const clock = manualClock(start);
  const replica = join(cluster, clock, 'a');
  await settle();
  expect(replica.campaign.isHolder()).toBe(true);
  expect(stringIn(cluster.objects.get(path), 'metadata', 'labels', 'theirs')).toBe('x');
});

test('a holder that stops gives it back, so that the next one need not wait', async () => {
  const cluster = memoryCluster();
  const clock = manualClock(start);
  const first = join(cluster, clock, 'a');
  await settle();
  const second = join(cluster, clock, 'b');
  await settle();
  expect(second.campaign.isHolder()).toBe(false);
  const stopped = first.campaign.stop();
  await settle();
  await stopped;
  expect(first.campaign.isHolder()).toBe(false);
  await pass(clock, 3000);
  expect(second.campaign.isHolder()).toBe(true);
});

test('a holder that is cut off stops before another begins, though replicas go on reporting', async () => {
  const cluster = memoryCluster();
  const clock = manualClock(start);
  const first = join(cluster, clock, 'a');
  await settle();
  const second = join(cluster, clock, 'b');
  await settle();
  first.network = () => Promise.reject(new Error('cut off'));
  let firstUntil = 0;
  let secondFrom = 0;
  const place = { writer: cluster.writer(), clock, leasePath: path };
  for (let beat = 0; beat < 40; beat += 1) {
    await reportReplica(place, 'b', { leaf: String(beat), configuration: '' });
    await pass(clock, 1000);
    if (first.campaign.isHolder()) firstUntil = clock.elapsed();
    if (second.campaign.isHolder() && secondFrom === 0) secondFrom = clock.elapsed();
  }
  expect(firstUntil).toBeGreaterThan(0);
  expect(secondFrom).toBeGreaterThan(firstUntil);
  expect(secondFrom).toBeLessThanOrEqual(20_000);
  expect(first.problems.length).toBeGreaterThan(0);
  first.network = () => Promise.resolve();
  await pass(clock, 10_000);
  expect(holders([first, second])).toBe(1);
});

test('there are never two holders, whatever the network does', async () => {
  const random = seededRandom(7);
  let changes = 0;
  for (let round = 0; round < 20; round += 1) {
    const cluster = memoryCluster();
    const clock = manualClock(start);
    const replicas = ['a', 'b', 'c'].map((name) => join(cluster, clock, name));
    for (const replica of replicas) {
      let until = 0;
      let kind = 0;
      replica.network = async () => {
        if (clock.elapsed() >= until) {
          until = clock.elapsed() + random.next(30_000);
          kind = random.next(100);
        }
        if (kind < 25) throw new Error('cut off');
        // A request that is under way for long, as of a machine that was paused.
        if (kind < 50) await clock.sleep(random.next(20_000), new AbortController().signal);
      };
    }
    let before = -1;
    for (let step = 0; step < 400; step += 1) {
      await pass(clock, 250, 250);
      expect(holders(replicas)).toBeLessThanOrEqual(1);
      const now = replicas.findIndex(({ campaign: one }) => one.isHolder());
      if (now >= 0 && now !== before) {
        changes += 1;
        before = now;
      }
    }
  }
  expect(changes).toBeGreaterThan(20);
});

test('replicas tell what they serve, and are forgotten when they leave or are not heard of', async () => {
  const cluster = memoryCluster();
  cluster.objects.set(path, { metadata: { name: 'meshgate', annotations: { theirs: 'x' } } });
  const clock = manualClock(start);
  const place = { writer: cluster.writer(), clock, leasePath: path };
  const long = `meshgate-${'x'.repeat(80)}`;
  await reportReplica(place, 'a', { leaf: 'one', configuration: 'c' });
  await reportReplica(place, long, { leaf: 'two', configuration: 'c' });
  expect((await readReplicas(place)).map(({ leaf }) => leaf)).toEqual(['one', 'two']);
  await removeReplica(place, 'a');
  clock.advance(290_000);
  expect((await readReplicas(place)).map(({ leaf }) => leaf)).toEqual(['two']);
  clock.advance(20_000);
  expect(await readReplicas(place)).toEqual([]);
  expect(cluster.objects.get(path)).toMatchObject({ metadata: { annotations: { theirs: 'x' } } });
});

test('a replica that finds no Lease says so, and tries again', async () => {
  const cluster = memoryCluster();
  const place = { writer: cluster.writer(), clock: manualClock(start), leasePath: path };
  expect(await reportReplica(place, 'a', { leaf: '', configuration: '' })).toBe(false);
});
