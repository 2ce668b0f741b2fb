import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { WantedKind } from '../../../pipelines/drift/live.ts';
import { clusterLive } from '../../../pipelines/source/cluster-live.ts';
import { createReader, type ReaderOptions } from '../../../pipelines/source/cluster-reader.ts';
import { servedResource, startFakeApi, type FakeApi } from '../../support/drift/fake-api.ts';

const services = '/api/v1/services';
const wantedServices: WantedKind = { apiVersion: 'v1', kind: 'Service' };

let api: FakeApi;
beforeEach(async () => {
  api = await startFakeApi();
  api.resources.set('/api/v1', [
    servedResource('services', 'Service'),
    { ...servedResource('services/status', 'Service'), verbs: ['get'] },
    servedResource('namespaces', 'Namespace', false),
  ]);
});
afterEach(async () => {
  await api.close();
});

function reader(options: Partial<ReaderOptions> = {}) {
  const { signal } = new AbortController();
  return createReader({ transport: api.transport, signal, ...options });
}

/** What each kind gave: names of objects, or why not. */
async function readAll(
  wanted: readonly WantedKind[],
  using = reader(),
): Promise<Record<string, readonly string[] | string>> {
  const read: Record<string, readonly string[] | string> = {};
  for await (const kind of clusterLive('test', using).kinds(wanted)) {
    if ('undetermined' in kind) {
      read[kind.kind] = kind.undetermined;
      continue;
    }
    const names: string[] = [];
    try {
      for await (const object of kind.objects) {
        expect(object).toMatchObject({ apiVersion: kind.apiVersion, kind: kind.kind });
        names.push((object['metadata'] as { name: string }).name);
      }
      read[kind.kind] = names;
    } catch (error) {
      read[kind.kind] = (error as Error).message;
    }
  }
  return read;
}

function plant(path: string, count: number): readonly string[] {
  const names = Array.from({ length: count }, (_, index) => `o${String(index)}`);
  api.objects.set(
    path,
    names.map((name) => ({ metadata: { name, namespace: 'shop' } })),
  );
  return names;
}

const pages = (path: string): number =>
  api.calls.filter((call) => call.startsWith(`${path}?limit=`)).length;

test('lists by pages of 500, each object once, at the declared version', async () => {
  const names = plant(services, 1200);
  expect(await readAll([wantedServices])).toEqual({ Service: names });
  expect(pages(services)).toBe(3);
  expect(api.calls).toContain(`${services}?limit=500&continue=1000`);
});

test('a list whose history is gone begins again once, and gives nothing twice', async () => {
  const names = plant(services, 1200);
  const using = reader();
  const [kind] = await Array.fromAsync(clusterLive('test', using).kinds([wantedServices]));
  api.faults.set(services, [{ status: 410 }]);
  const seen: unknown[] = [];
  if (kind !== undefined && 'objects' in kind) {
    for await (const { metadata } of kind.objects) {
      seen.push((metadata as { name: string }).name);
    }
  }
  expect(seen).toEqual(names);

  api.faults.set(services, [{ status: 410 }, { status: 410 }]);
  expect(await readAll([wantedServices])).toEqual({
    Service: expect.stringContaining('(410): check again'),
  });
});

test('waits as long as it is asked to where the API server is busy', async () => {
  const names = plant(services, 2);
  const busy = { status: 429, headers: { 'retry-after': '0.05' } };
  api.faults.set(services, [busy, busy, busy]);
  expect(await readAll([wantedServices])).toEqual({ Service: names });
  expect(pages(services)).toBe(4);
});

test('goes on where it was after connections broke in the middle of a list', async () => {
  const names = plant(services, 1200);
  api.faults.set(services, ['cut', { status: 503 }, 'cut']);
  expect(await readAll([wantedServices])).toEqual({ Service: names });
});

test('asks again where an answer is damaged, and takes an empty list for one', async () => {
  const names = plant(services, 3);
  api.faults.set(services, [{ status: 200, body: 'no list' }]);
  api.objects.set('/api/v1/namespaces', []);
  api.faults.set('/api/v1/namespaces', [{ status: 200, body: { metadata: {}, items: null } }]);
  const read = await readAll([wantedServices, { apiVersion: 'v1', kind: 'Namespace' }]);
  expect(read).toEqual({ Service: names, Namespace: [] });
});

test('credentials that end in the middle of a list cost the kind, and say so', async () => {
  plant(services, 1200);
  const using = reader();
  const [kind] = await Array.fromAsync(clusterLive('test', using).kinds([wantedServices]));
  api.faults.set(services, [{ status: 401 }]);
  async function drain(): Promise<void> {
    if (kind !== undefined && 'objects' in kind) {
      await Array.fromAsync(kind.objects);
    }
  }
  await expect(drain()).rejects.toThrow(
    'the API server does not take our credentials (401 to list services): renew them',
  );
});

test('what may not be listed costs that kind alone, and the missing rule is named', async () => {
  const names = plant('/api/v1/namespaces', 3);
  plant(services, 3);
  api.faults.set(services, [{ status: 403, body: { message: 'User "eve" cannot' } }]);
  expect(await readAll([wantedServices, { apiVersion: 'v1', kind: 'Namespace' }])).toEqual({
    Namespace: names,
    Service:
      'may not list services (403): grant {apiGroups: [""], resources: ["services"], verbs: ["get", "list"]}',
  });
});

test('tells a kind that is not served from a version that is not', async () => {
  api.groups.set('/apis/networking.istio.io', ['networking.istio.io/v1']);
  api.resources.set('/apis/networking.istio.io/v1', [servedResource('sidecars', 'Sidecar')]);
  const kinds = await Array.fromAsync(
    clusterLive('test', reader()).kinds([
      { apiVersion: 'networking.istio.io/v1beta1', kind: 'Sidecar' },
      { apiVersion: 'networking.istio.io/v1', kind: 'Gateway' },
      { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout' },
    ]),
  );
  expect(kinds).toEqual([
    {
      apiVersion: 'networking.istio.io/v1beta1',
      kind: 'Sidecar',
      undetermined: expect.stringContaining('declare it in networking.istio.io/v1'),
    },
    expect.objectContaining({ kind: 'Gateway', served: false }),
    expect.objectContaining({ kind: 'Rollout', served: false }),
  ]);
});

test('many kinds are listed at once, eight at most', async () => {
  const kinds = Array.from({ length: 30 }, (_, index) => `Kind${String(index)}`);
  api.resources.set(
    '/apis/x/v1',
    kinds.map((kind) => servedResource(kind.toLowerCase(), kind)),
  );
  for (const kind of kinds) {
    plant(`/apis/x/v1/${kind.toLowerCase()}`, 600);
  }
  const read = await readAll(kinds.map((kind) => ({ apiVersion: 'x/v1', kind })));
  expect(Object.keys(read)).toEqual(kinds);
  expect(Object.values(read).every((names) => names.length === 600)).toBe(true);
  expect(api.most()).toBeGreaterThan(2);
  expect(api.most()).toBeLessThanOrEqual(9);
});

test('an API server that stays away is given up once, not once for each kind', async () => {
  const patienceMilliseconds = 1000;
  const kinds = Array.from({ length: 40 }, (_, index) => `Kind${String(index)}`);
  api.faults.set(
    '/api/v1',
    Array.from({ length: 1000 }, () => 'cut'),
  );
  const started = performance.now();
  const read = await readAll(
    kinds.map((kind) => ({ apiVersion: 'v1', kind })),
    reader({ patienceMilliseconds }),
  );
  expect(Object.values(read)).toEqual(
    kinds.map(() => expect.stringContaining('could not be reached')),
  );
  // Far more than once takes, and far less than for each of them.
  expect(performance.now() - started).toBeLessThan((kinds.length / 2) * patienceMilliseconds);
});

test('what the time does not suffice for is undetermined, with that reason', async () => {
  plant(services, 1200);
  expect(await readAll([wantedServices], reader({ signal: AbortSignal.abort() }))).toEqual({
    Service: expect.stringContaining('time ran out'),
  });
});

test('reads one object again: as it is, gone, or refused', async () => {
  plant(services, 1);
  const live = clusterLive('test', reader());
  const named = (name: string) => ({ ...wantedServices, namespace: 'shop', name });
  expect(await live.reread?.(named('o0'))).toMatchObject({ metadata: { name: 'o0' } });
  expect(await live.reread?.(named('gone'))).toBeUndefined();
  api.faults.set('/api/v1/namespaces/shop/services/o0', [{ status: 403 }]);
  await expect(live.reread?.(named('o0'))).rejects.toThrow('may not get services (403)');
});
