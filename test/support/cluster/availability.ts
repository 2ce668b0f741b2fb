import { setTimeout as delay } from 'node:timers/promises';
import { rotationTimes } from '../../../webhooks/certificates/rotation.ts';
import { forceNewConnections, startLoad, type LoadCounts } from './review-load.ts';
import type { Cluster } from './start.ts';
import {
  ownNamespace,
  startReplica,
  waitUntilReady,
  type Balancer,
  type Replica,
  type ReplicaOptions,
} from './upkeep.ts';
import { waitFor } from './wait.ts';

/** Replicas behind a balancer, and what makes them rotate. */
export interface Fleet {
  readonly cluster: Cluster;
  readonly balancer: Balancer;
  readonly replicas: Replica[];
  /** When certificates are renewed; may be changed while they run. */
  readonly rotation: { -readonly [Key in keyof typeof rotationTimes]: number };
  readonly options: ReplicaOptions;
}

const deadlineMilliseconds = 90_000;
const endpointMilliseconds = 500;
const secretPath = `/api/v1/namespaces/${ownNamespace}/secrets/meshgate-tls`;
const mergePatch = { 'content-type': 'application/merge-patch+json' };

/** Starts so many replicas, each once the one before is ready. */
export async function startFleet(
  cluster: Cluster,
  balancer: Balancer,
  config: string,
  count: number,
): Promise<Fleet> {
  // An API server hears of a new bundle within a tenth of a second; a test need not wait for sixty.
  const rotation = { ...rotationTimes, settleMilliseconds: 3000 };
  const options = { config, times: { rotation } };
  const fleet = { cluster, balancer, rotation, options, replicas: [] };
  for (let index = 0; index < count; index += 1) await addReplica(fleet, `replica-${index}`);
  return fleet;
}

/** Starts a replica, and sends it connections once it is ready. */
export async function addReplica(fleet: Fleet, identity: string): Promise<void> {
  const { cluster, balancer, options, replicas } = fleet;
  const replica = await startReplica(cluster, balancer.port, identity, options);
  await waitUntilReady(replica);
  balancer.add(replica.port);
  replicas.push(replica);
}

/** Stops the oldest replica as a cluster does: it hears of it first, and the balancer a little later. */
export async function removeReplica(
  fleet: Fleet,
  shutdownDelayMilliseconds: number,
): Promise<void> {
  const replica = fleet.replicas.shift();
  if (replica === undefined) return;
  const stopped = replica.serving.stop(shutdownDelayMilliseconds);
  await delay(endpointMilliseconds);
  fleet.balancer.remove(replica.port);
  await stopped;
}

/** Has the leaf, or the authority with it, renewed as if it were time, until every replica serves what is new. */
export async function rotate(fleet: Fleet, what: 'leaf' | 'authority'): Promise<void> {
  const { cluster, replicas, rotation } = fleet;
  const count = (replica: Replica, msg: string, more: string = ''): number =>
    replica.log.filter((line) => line['msg'] === msg && JSON.stringify(line).includes(more)).length;
  const renewals = (): number =>
    replicas.reduce((sum, one) => sum + count(one, 'certificate renewed', `"${what}"`), 0);
  const loads = (replica: Replica): number => count(replica, 'certificate loaded');
  const before = { renewals: renewals(), loads: replicas.map(loads) };
  const usual = { ...rotation };
  if (what === 'leaf') rotation.leafShare = 0;
  else rotation.authorityLeftMilliseconds = Number.MAX_SAFE_INTEGER;
  const annotations = { 'test/touched': String(Date.now()) };
  await cluster.api.must('PATCH', secretPath, { metadata: { annotations } }, mergePatch);
  await waitFor(`a new ${what}`, deadlineMilliseconds, () => {
    if (renewals() === before.renewals) return Promise.resolve(undefined);
    Object.assign(rotation, usual);
    return Promise.resolve(true);
  });
  await waitFor('every replica serving it', deadlineMilliseconds, () =>
    Promise.resolve(
      replicas.every((one, index) => loads(one) > (before.loads[index] ?? 0)) ? true : undefined,
    ),
  );
  await waitFor('one authority alone', deadlineMilliseconds, async () => {
    const secret = (await cluster.api.must('GET', secretPath)) as {
      readonly data: Readonly<Record<string, string>>;
    };
    const bundle = Buffer.from(secret.data['ca.crt'] ?? '', 'base64').toString();
    return bundle.split('BEGIN CERTIFICATE').length === 2 ? true : undefined;
  });
}

/** Does something under load, on new connections alone where it is asked for. */
export async function underLoad(
  cluster: Cluster,
  isOnNewConnections: boolean,
  work: () => Promise<void>,
): Promise<LoadCounts> {
  const end = isOnNewConnections ? forceNewConnections() : () => undefined;
  const load = startLoad(cluster, 3);
  try {
    await delay(1000);
    await work();
    await delay(1000);
  } finally {
    await load.stop();
    end();
  }
  return load.counts;
}
