import { X509Certificate } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { listIn, stringIn, type JsonObject } from '../../../policies/core/json.ts';
import { ApiStatusError } from '../../../pipelines/source/cluster-transport.ts';
import { readKeyring } from '../../../webhooks/certificates/keyring.ts';
import { chainsTo, fingerprint } from '../../../webhooks/certificates/pair.ts';
import { createCertifier } from '../../../webhooks/upkeep/certifier.ts';
import type { CanaryOutcome, FailurePolicy } from '../../../webhooks/upkeep/failure-policy.ts';
import { createKeeper, type Keeper } from '../../../webhooks/upkeep/keep.ts';
import { wantedBy } from '../../../webhooks/upkeep/desired.ts';
import { createRegistrar, readConfigurations } from '../../../webhooks/upkeep/registrar.ts';
import { registeredNames } from '../../../webhooks/upkeep/registered.ts';
import { trustedBundles } from '../../../webhooks/upkeep/trust.ts';
import { secretTrust } from '../../../webhooks/upkeep/trust-keepers.ts';
import { manualClock, type ManualClock } from '../../support/manual-clock.ts';
import { memoryCluster, type MemoryCluster } from '../../support/memory-writer.ts';

const start = Date.parse('2026-11-30T12:00:00Z');
const leasePath = '/apis/coordination.k8s.io/v1/namespaces/own/leases/meshgate';
const secretPath = '/api/v1/namespaces/own/secrets/meshgate-tls';
const kind = '/apis/admissionregistration.k8s.io/v1';
const mutatingPath = `${kind}/mutatingwebhookconfigurations/00-meshgate-mutating`;
const validatingPath = `${kind}/validatingwebhookconfigurations/meshgate-validating`;
const minute = 60_000;

interface Holder {
  readonly cluster: MemoryCluster;
  readonly clock: ManualClock;
  readonly keeper: Keeper;
  readonly told: string[];
  /** What the replicas serve; at first whatever the Secret holds. */
  served: (() => readonly string[]) | undefined;
  failurePolicy: FailurePolicy;
  canary: CanaryOutcome;
  before: (request: string) => Promise<void>;
  isOn: boolean;
}

function hold(cluster = memoryCluster(), clock = manualClock(start)): Holder {
  if (!cluster.objects.has(leasePath)) {
    cluster.objects.set(leasePath, { metadata: { name: 'meshgate', resourceVersion: '0' } });
  }
  const told: string[] = [];
  const changing = {
    served: undefined,
    failurePolicy: 'Ignore',
    canary: 'passed',
    before: () => Promise.resolve(),
    isOn: true,
  } as Pick<Holder, 'served' | 'failurePolicy' | 'canary' | 'before' | 'isOn'>;
  // It takes effect when the holder changes it.
  const holder = changing as Holder;
  const writer = cluster.writer((request) => holder.before(request));
  const metadata = { labels: { 'app.kubernetes.io/name': 'meshgate' } };
  const service = { namespace: 'own', name: 'meshgate', port: 443 };
  const probe = { host: 'localhost', port: 443 };
  const place = { service, lease: 'meshgate', identity: 'a', ownerClusterRole: undefined, probe };
  const certifier = createCertifier({
    place: { writer, namespace: 'own', name: 'meshgate-tls', metadata },
    clock,
    names: ['meshgate.own.svc'],
    served: () => Promise.resolve(holder.served?.() ?? [leafMark(cluster)]),
    renewed: (what) => told.push(`renew ${what}`),
    dropped: () => told.push('drop'),
  });
  const keeper = createKeeper({
    clock,
    trust: secretTrust(certifier),
    wanted: () =>
      wantedBy(
        {
          subjects: new Set(holder.isOn ? (['Pod', 'Service'] as const) : []),
          fill: true,
          ownNamespace: 'own',
          rootNamespace: undefined,
          failurePolicy: holder.failurePolicy,
        },
        place,
        { kind: 'secret', secret: 'meshgate-tls' },
        metadata,
      ),
    read: () => readConfigurations(writer),
    register: createRegistrar({
      writer,
      clock,
      registered: registeredNames(writer, leasePath),
      reports: {
        did: (name, step) => told.push(`${step} ${name}`),
        conflict: (name) => {
          told.push(`conflict ${name}`);
          // The pause before the next attempt.
          setImmediate(() => clock.advance(1000));
        },
        deleted: (names) => {
          if (names.length > 0) told.push(`deleted ${names.join(' ')}`);
        },
      },
    }),
    canary: () => Promise.resolve({ outcome: holder.canary, detail: '' }),
    proved: ({ policy }, _, turned) => {
      if (turned) told.push(`turned ${policy}`);
    },
  });
  return Object.assign(changing, { cluster, clock, keeper, told });
}

function leafMark(cluster: MemoryCluster): string {
  const reading = readKeyring(cluster.objects.get(secretPath));
  return 'keyring' in reading ? fingerprint(reading.keyring.leaf?.cert ?? '') : '';
}

/** Keeps until nothing is to be done within a few seconds. */
async function keep({ keeper }: Holder): Promise<number> {
  for (let turn = 0; turn < 20; turn += 1) {
    const wait = await keeper.keep();
    if (wait > 0) return wait;
  }
  throw new Error('it does not come to rest');
}

const bundles = ({ cluster }: Holder): readonly (readonly string[])[] =>
  trustedBundles(
    [mutatingPath, validatingPath]
      .map((path) => cluster.objects.get(path))
      .filter((object): object is JsonObject => object !== undefined),
  );

const leafOf = ({ cluster }: Holder): string => {
  const reading = readKeyring(cluster.objects.get(secretPath));
  return 'keyring' in reading ? (reading.keyring.leaf?.cert ?? '') : '';
};

test('a first start makes certificates, then registers, then rests for about an hour', async () => {
  const holder = hold();
  const wait = await keep(holder);
  expect(holder.told).toEqual([
    'renew authority',
    'renew leaf',
    'create 00-meshgate-mutating',
    'create meshgate-validating',
  ]);
  expect(bundles(holder).every((trusted) => chainsTo(leafOf(holder), trusted))).toBe(true);
  expect(wait).toBeGreaterThan(50 * minute);
  const { length } = holder.cluster.requests;
  await keep(holder);
  const later = holder.cluster.requests.slice(length);
  expect(later.filter((request) => !request.startsWith('GET'))).toEqual([]);
});

test('a lost Secret: the bundle first, then a minute, then the leaf, and the old authority last', async () => {
  const holder = hold();
  await keep(holder);
  const oldLeaf = leafOf(holder);
  const oldMark = fingerprint(oldLeaf);
  holder.served = () => [oldMark];
  holder.cluster.objects.delete(secretPath);
  holder.told.length = 0;

  let wait = await keep(holder);
  expect(holder.told[0]).toBe('renew authority');
  expect(leafOf(holder)).toBe('');
  expect(bundles(holder).every((trusted) => chainsTo(oldLeaf, trusted))).toBe(true);
  expect(bundles(holder).every(({ length }) => length === 2)).toBe(true);
  expect(wait).toBe(minute);
  holder.clock.advance(minute - 1);
  await keep(holder);
  expect(leafOf(holder)).toBe('');
  holder.clock.advance(1);
  wait = await keep(holder);
  expect(bundles(holder).every((trusted) => chainsTo(leafOf(holder), trusted))).toBe(true);
  expect(bundles(holder).every((trusted) => chainsTo(oldLeaf, trusted))).toBe(true);
  expect(wait).toBeLessThanOrEqual(5000);

  const newMark = leafMark(holder.cluster);
  holder.served = () => [newMark, oldMark];
  await keep(holder);
  expect(bundles(holder).every(({ length }) => length === 2)).toBe(true);
  holder.served = () => [newMark, newMark];
  await keep(holder);
  expect(bundles(holder).every(({ length }) => length === 1)).toBe(true);
  expect(bundles(holder).every((trusted) => chainsTo(leafOf(holder), trusted))).toBe(true);
});

test('ages of certificates: each leaf and authority is renewed in time, and what is served is always trusted', async () => {
  const holder = hold();
  await keep(holder);
  let served = leafOf(holder);
  holder.served = () => [fingerprint(served)];
  for (let day = 0; day < 1500; day += 6) {
    holder.clock.advance(6 * 24 * 60 * minute);
    for (let turn = 0; turn < 3; turn += 1) {
      await keep(holder);
      expect(bundles(holder).every((trusted) => chainsTo(served, trusted))).toBe(true);
      if (leafOf(holder) !== '') served = leafOf(holder);
      expect(bundles(holder).every((trusted) => chainsTo(served, trusted))).toBe(true);
      holder.clock.advance(minute);
    }
    expect(new Date(holder.clock.now()) < new Date(endOf(served))).toBe(true);
  }
  const counts = (what: string): number => holder.told.filter((one) => one === what).length;
  expect(counts('renew authority')).toBe(3);
  expect(counts('renew leaf')).toBeGreaterThanOrEqual(25);
  expect(counts('renew leaf')).toBeLessThan(32);
  expect(counts('drop')).toBe(2);
});

test('another holder goes on where one left a rotation', async () => {
  const first = hold();
  await keep(first);
  const oldMark = leafMark(first.cluster);
  first.served = () => [oldMark];
  first.cluster.objects.delete(secretPath);
  await keep(first);
  const second = hold(first.cluster, first.clock);
  second.served = () => [leafMark(first.cluster)];
  await keep(second);
  expect(leafOf(second)).toBe('');
  second.clock.advance(minute);
  await keep(second);
  expect(leafOf(second)).not.toBe('');
  expect(bundles(second).every(({ length }) => length === 1)).toBe(true);
  expect(second.told).not.toContain('renew authority');
});

test('writes again what somebody else was ahead of, and changes nothing else', async () => {
  const holder = hold();
  await keep(holder);
  holder.isOn = false;
  await keep(holder);
  expect(holder.cluster.objects.has(mutatingPath)).toBe(false);
  holder.isOn = true;
  await keep(holder);
  let conflicts = 2;
  holder.failurePolicy = 'Fail';
  holder.before = async (request) => {
    if (request === `PUT ${validatingPath}` && conflicts > 0) {
      conflicts -= 1;
      throw new ApiStatusError(409, request);
    }
  };
  holder.told.length = 0;
  await keep(holder);
  expect(holder.told).toEqual([
    'conflict meshgate-validating',
    'conflict meshgate-validating',
    'change meshgate-validating',
  ]);
});

test('what was deleted by somebody stays deleted, for the next holder too', async () => {
  const holder = hold();
  await keep(holder);
  holder.cluster.objects.delete(mutatingPath);
  await keep(holder);
  const next = hold(holder.cluster, holder.clock);
  await keep(next);
  expect(next.cluster.objects.has(mutatingPath)).toBe(false);
  expect(next.told).toContain('deleted 00-meshgate-mutating');
  const metadata = { name: 'meshgate', resourceVersion: 'x' };
  holder.cluster.objects.set(leasePath, { metadata });
  await keep(next);
  expect(next.cluster.objects.has(mutatingPath)).toBe(true);
});

test('what could not be created is tried again, not taken for deleted', async () => {
  const holder = hold();
  holder.before = (request) =>
    request.startsWith('POST') && request.includes('mutatingwebhook')
      ? Promise.reject(new ApiStatusError(403, request))
      : Promise.resolve();
  await expect(keep(holder)).rejects.toThrow('403');
  holder.before = () => Promise.resolve();
  await keep(holder);
  expect(holder.cluster.objects.has(mutatingPath)).toBe(true);
});

test('fails closed after three canaries, is taken over so, and opens when the last replica leaves', async () => {
  const holder = hold();
  holder.failurePolicy = 'Fail';
  const policy = (): string =>
    stringIn(listIn(holder.cluster.objects.get(validatingPath), 'webhooks')[0], 'failurePolicy') ??
    '';
  await keep(holder);
  for (let canary = 0; canary < 3; canary += 1) {
    expect(policy()).toBe('Ignore');
    holder.clock.advance(10_000);
    await keep(holder);
  }
  expect(policy()).toBe('Fail');
  const next = hold(holder.cluster, holder.clock);
  next.failurePolicy = 'Fail';
  await keep(next);
  expect(policy()).toBe('Fail');
  next.canary = 'failed';
  for (let canary = 0; canary < 2; canary += 1) {
    next.clock.advance(10_000);
    await keep(next);
    expect(policy()).toBe('Fail');
  }
  next.canary = 'unknown';
  next.clock.advance(10_000);
  await keep(next);
  expect(policy()).toBe('Fail');
  await next.keeper.leave();
  expect(policy()).toBe('Ignore');
});

function endOf(pem: string): number {
  return Date.parse(new X509Certificate(pem).validTo);
}
