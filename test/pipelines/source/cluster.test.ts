import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import type { KindName } from '../../../policies/core/kinds.ts';
import { createMesh } from '../../../policies/mesh/index-objects.ts';
import type { ClusterClient } from '../../../pipelines/source/cluster-client.ts';
import { ApiStatusError } from '../../../pipelines/source/cluster-transport.ts';
import { followCluster, type ClusterMesh } from '../../../pipelines/source/cluster.ts';
import { connectForTest } from '../../support/admission/plain-cluster.ts';

interface FakeObject {
  readonly metadata: Record<string, unknown>;
  readonly [key: string]: unknown;
}

/** As much of an API server as lists and watches need; every answer comes from `state`. */
interface FakeServer {
  readonly client: ClusterClient;
  readonly calls: string[];
  readonly objects: Map<string, FakeObject[]>;
  readonly served: Map<string, string[]>;
  /** Open watches by path. */
  readonly watches: Map<string, ServerResponse>;
  /** Statuses that the next calls of a path get. */
  readonly failures: Map<string, number[]>;
  send(path: string, event: unknown): void;
  close(): Promise<void>;
}

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) {
    await cleanUp();
  }
});

const pageLimit = 2;

async function startFake(): Promise<FakeServer> {
  const calls: string[] = [];
  const objects = new Map<string, FakeObject[]>();
  const served = new Map([['/api/v1', ['namespaces', 'services', 'pods', 'configmaps']]]);
  const watches = new Map<string, ServerResponse>();
  const failures = new Map<string, number[]>();

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '', 'http://x');
    const watch = url.searchParams.get('watch') === 'true';
    calls.push(`${watch ? 'WATCH' : 'GET'} ${url.pathname}`);
    const failure = failures.get(`${watch ? 'WATCH' : 'GET'} ${url.pathname}`)?.shift();
    const names = served.get(url.pathname);
    const list = objects.get(url.pathname);
    if (failure !== undefined) {
      response.writeHead(failure).end('{}');
    } else if (names !== undefined) {
      response.end(JSON.stringify({ resources: names.map((name) => ({ name })) }));
    } else if (list === undefined) {
      response.writeHead(404).end('{}');
    } else if (watch) {
      response.writeHead(200);
      response.flushHeaders();
      watches.set(url.pathname, response);
    } else {
      const from = Number(url.searchParams.get('continue') ?? 0);
      const more = from + pageLimit < list.length ? { continue: String(from + pageLimit) } : {};
      const items = list.slice(from, from + pageLimit);
      response.end(JSON.stringify({ metadata: { resourceVersion: '7', ...more }, items }));
    }
  }

  const server: Server = createServer(answer);
  const { promise, resolve } = Promise.withResolvers<undefined>();
  server.listen(0, '127.0.0.1', () => {
    resolve(undefined);
  });
  await promise;
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const fake: FakeServer = {
    client: await connectForTest(port),
    calls,
    objects,
    served,
    watches,
    failures,
    send: (path, event) => void watches.get(path)?.write(`${JSON.stringify(event)}\n`),
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  cleanUps.push(() => fake.close());
  for (const plural of ['namespaces', 'services', 'pods']) {
    objects.set(`/api/v1/${plural}`, []);
  }
  objects.set('/api/v1/namespaces/istio-system/configmaps', []);
  return fake;
}

function service(name: string, changes: Record<string, unknown> = {}): FakeObject {
  return {
    metadata: { name, namespace: 'shop', resourceVersion: '8', managedFields: [{}], ...changes },
    spec: { ports: [] },
  };
}

interface Followed {
  readonly cluster: ClusterMesh;
  readonly mesh: ReturnType<typeof createMesh>;
  readonly restarts: string[];
  readonly problems: string[];
}

function follow(fake: FakeServer, types: readonly KindName[], discoverySeconds = 60): Followed {
  const mesh = createMesh({});
  const restarts: string[] = [];
  const problems: string[] = [];
  const cluster = followCluster({
    client: fake.client,
    mesh,
    types: new Set(types),
    rootNamespace: 'istio-system',
    discoverySeconds,
    reports: {
      changed: () => undefined,
      restarted: (type, reason) => restarts.push(`${type} ${reason}`),
      discoveryFailed: (detail) => problems.push(detail),
    },
  });
  cleanUps.push(() => cluster.stop());
  return { cluster, mesh, restarts, problems };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const services = '/api/v1/services';

test('lists by pages, trims, and is whole only after every kind', async () => {
  const fake = await startFake();
  fake.objects.set(
    services,
    ['a', 'b', 'c', 'd', 'e'].map((name) => service(name)),
  );
  const { cluster, mesh } = follow(fake, ['Service', 'Namespace']);
  expect(cluster.waitingFor()).toEqual(['discovery']);
  await until(() => cluster.waitingFor().length === 0);
  expect(mesh.count('Service')).toBe(5);
  expect(mesh.get('Service', 'shop', 'e')?.object['metadata']).not.toHaveProperty('managedFields');
  expect(mesh.get('Service', 'shop', 'e')).toMatchObject({ apiVersion: 'v1', kind: 'Service' });
  expect([...cluster.stalenessSeconds().keys()].toSorted()).toEqual(['Namespace', 'Service']);
});

test('takes in what the watch tells', async () => {
  const fake = await startFake();
  fake.objects.set(services, [service('a')]);
  const { mesh } = follow(fake, ['Service']);
  await until(() => fake.watches.has(services));
  fake.send(services, { type: 'ADDED', object: service('b') });
  fake.send(services, { type: 'MODIFIED', object: service('a', { labels: { x: 'y' } }) });
  fake.send(services, { type: 'BOOKMARK', object: { metadata: { resourceVersion: '99' } } });
  await until(() => mesh.count('Service') === 2);
  await until(() => mesh.get('Service', 'shop', 'a')?.labels['x'] === 'y');
  fake.send(services, { type: 'DELETED', object: service('b') });
  await until(() => mesh.count('Service') === 1);
});

test.each([
  [
    'in the watch',
    (fake: FakeServer) => {
      fake.send(services, { type: 'ERROR', object: { kind: 'Status', code: 410 } });
    },
  ],
  [
    'at its start',
    (fake: FakeServer) => {
      fake.failures.set(`WATCH ${services}`, [410]);
      fake.watches.get(services)?.end();
    },
  ],
])('lists again where the history is gone, told %s', async (_, expire) => {
  const fake = await startFake();
  fake.objects.set(services, [service('a'), service('b')]);
  const { mesh, restarts } = follow(fake, ['Service']);
  await until(() => fake.watches.has(services));
  fake.objects.set(services, [service('b'), service('c')]);
  expire(fake);
  await until(() => mesh.get('Service', 'shop', 'c') !== undefined);
  expect(mesh.get('Service', 'shop', 'a')).toBeUndefined();
  expect(restarts).toContain('Service expired');
});

test('watches on from where it was when a connection breaks or is refused', async () => {
  const fake = await startFake();
  fake.objects.set(services, [service('a')]);
  const { mesh, restarts } = follow(fake, ['Service']);
  await until(() => fake.watches.has(services));
  fake.failures.set(`WATCH ${services}`, [500, 429]);
  fake.watches.get(services)?.destroy();
  fake.watches.delete(services);
  await until(() => fake.watches.has(services));
  fake.send(services, { type: 'ADDED', object: service('b') });
  await until(() => mesh.count('Service') === 2);
  expect(fake.calls.filter((call) => call === `GET ${services}`)).toHaveLength(1);
  expect(restarts.length).toBeGreaterThanOrEqual(3);
});

test('tries the list again until it is allowed, and is not whole before', async () => {
  const fake = await startFake();
  fake.failures.set(`GET ${services}`, [403]);
  const { cluster, restarts } = follow(fake, ['Service']);
  await until(() => restarts.length > 0);
  expect(cluster.waitingFor()).toEqual(['Service']);
  await until(() => cluster.waitingFor().length === 0);
});

test('takes up a kind whose definition comes later, in the newest version served', async () => {
  const fake = await startFake();
  const { cluster, mesh } = follow(fake, ['DestinationRule'], 0.02);
  await until(() => cluster.waitingFor().length === 0);
  const path = '/apis/networking.istio.io/v1beta1';
  fake.objects.set(`${path}/destinationrules`, [service('rule')]);
  fake.served.set(path, ['destinationrules']);
  await until(() => mesh.count('DestinationRule') === 1);
  const rule = mesh.get('DestinationRule', 'shop', 'rule');
  expect(rule?.apiVersion).toBe('networking.istio.io/v1beta1');
});

test('forgets a kind that is served no more', async () => {
  const fake = await startFake();
  const path = '/apis/networking.istio.io/v1';
  fake.served.set(path, ['destinationrules']);
  fake.objects.set(`${path}/destinationrules`, [service('rule')]);
  const { mesh } = follow(fake, ['DestinationRule']);
  await until(() => fake.watches.has(`${path}/destinationrules`));
  expect(mesh.count('DestinationRule')).toBe(1);
  fake.objects.delete(`${path}/destinationrules`);
  fake.watches.get(`${path}/destinationrules`)?.end();
  await until(() => mesh.count('DestinationRule') === 0);
});

test('holds what controllers made once, as the object that made it', async () => {
  const fake = await startFake();
  const owner = (apiVersion: string, kind: string) => ({
    ownerReferences: [{ apiVersion, kind, name: 'x', controller: true }],
  });
  fake.objects.set('/api/v1/pods', [
    service('bare'),
    service('made', owner('apps/v1', 'ReplicaSet')),
    service('odd', owner('postgresql.cnpg.io/v1', 'Cluster')),
  ]);
  const { cluster, mesh } = follow(fake, ['Pod']);
  await until(() => cluster.waitingFor().length === 0);
  const names = [...mesh.inNamespace('Pod', 'shop')].map(({ name }) => name);
  expect(names.toSorted()).toEqual(['bare', 'odd']);
});

test('asks for ConfigMaps in the root namespace only, and never for Secrets', async () => {
  const fake = await startFake();
  fake.objects.set('/api/v1/namespaces/istio-system/configmaps', [
    service('istio', { namespace: 'istio-system' }),
    service('kube-root-ca.crt', { namespace: 'istio-system' }),
  ]);
  const { cluster, mesh } = follow(fake, ['ConfigMap']);
  await until(() => cluster.waitingFor().length === 0);
  expect(mesh.count('ConfigMap')).toBe(1);
  expect(fake.calls.filter((call) => /secrets|\/v1\/configmaps/u.test(call))).toEqual([]);
});

test('says so while the API server cannot be asked', async () => {
  const fake = await startFake();
  fake.failures.set('GET /api/v1', [503]);
  const { cluster, problems } = follow(fake, ['Service']);
  await until(() => problems.length > 0);
  expect(cluster.waitingFor()).toContain('discovery');
  await until(() => cluster.waitingFor().length === 0);
});

test('an answer that is not 2xx is an error with its status', async () => {
  const fake = await startFake();
  const call = fake.client.get('/nowhere', new AbortController().signal);
  await expect(call).rejects.toThrow(ApiStatusError);
});
