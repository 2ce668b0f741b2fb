import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { KindName } from '../../policies/core/kinds.ts';
import type { Resource } from '../../policies/core/resource.ts';
import { createMesh } from '../../policies/mesh/index-objects.ts';
import { connectCluster, type ClusterClient } from '../../pipelines/source/cluster-client.ts';
import { readCluster } from '../../pipelines/source/cluster-read.ts';
import { ApiStatusError } from '../../pipelines/source/cluster-transport.ts';
import { followCluster } from '../../pipelines/source/cluster.ts';
import { startCluster, type Cluster } from '../support/cluster/start.ts';
import { waitFor } from '../support/cluster/wait.ts';
import { describeWithCluster } from '../support/describe.ts';

const startDeadlineMilliseconds = 240_000;
const eventDeadlineMilliseconds = 60_000;
const kinds: readonly KindName[] = ['Pod', 'ReplicaSet', 'Job'];
const pods = '/api/v1/namespaces';
/** More than a page holds, so that one page has none but these, and the next one few. */
const bareCount = 255;
const replicas = 20;
const merge = { 'Content-Type': 'application/merge-patch+json' };

function pod(name: string, labels: Readonly<Record<string, string>> = {}) {
  return { metadata: { name, labels }, spec: template.spec };
}

const template = {
  metadata: { labels: { app: 'cart' } },
  spec: { containers: [{ name: 'app', image: 'registry.example.com/app:1' }] },
};

/** What a client was asked for, and what to do before an answer is passed on. */
interface Watched {
  readonly client: ClusterClient;
  readonly whole: string[];
  readonly metadata: string[];
  mostAtOnce(): number;
}

function watched(
  client: ClusterClient,
  faults: {
    afterMetadata?: () => Promise<void>;
    beforeWhole?: (path: string) => void;
  } = {},
): Watched {
  const whole: string[] = [];
  const metadata: string[] = [];
  let atOnce = 0;
  let mostAtOnce = 0;
  return {
    whole,
    metadata,
    mostAtOnce: () => mostAtOnce,
    client: {
      ...client,
      async list(path, signal) {
        whole.push(path);
        faults.beforeWhole?.(path);
        atOnce += 1;
        mostAtOnce = Math.max(mostAtOnce, atOnce);
        try {
          return await client.list(path, signal);
        } finally {
          atOnce -= 1;
        }
      },
      async listMetadata(path, signal) {
        metadata.push(path);
        const page = await client.listMetadata(path, signal);
        await faults.afterMetadata?.();
        return page;
      },
    },
  };
}

describeWithCluster('lists of what controllers make', () => {
  let cluster: Cluster;
  let client: ClusterClient;

  beforeAll(async () => {
    cluster = await startCluster({ crds: false });
    client = connectCluster(cluster.kubeconfigPath);
    await cluster.createNamespace('bare');
    await cluster.createNamespace('shop');
    for (let index = 0; index < bareCount; index += 1) {
      const name = `p-${String(index).padStart(4, '0')}`;
      await cluster.api.must('POST', `${pods}/bare/pods`, pod(name));
    }
    const apps = '/apis/apps/v1/namespaces/shop/deployments';
    const selector = { matchLabels: template.metadata.labels };
    const spec = { replicas, selector, template };
    await cluster.api.must('POST', apps, { metadata: { name: 'cart' }, spec });
    const owner = {
      apiVersion: 'postgresql.cnpg.io/v1',
      kind: 'Cluster',
      name: 'ledger',
      uid: '0e1f2a3b-4c5d-4e6f-8a9b-000000000000',
      controller: true,
    };
    const database = pod('ledger-1');
    const metadata = { ...database.metadata, ownerReferences: [owner] };
    await cluster.api.must('POST', `${pods}/shop/pods`, { ...database, metadata });
    await cluster.api.must('POST', '/apis/batch/v1/namespaces/shop/jobs', {
      metadata: { name: 'import' },
      spec: { template: { spec: { ...template.spec, restartPolicy: 'Never' } } },
    });
    await waitFor('the Pods of both', eventDeadlineMilliseconds, async () =>
      (await madePods()).length === replicas + 1 ? true : undefined,
    );
  }, startDeadlineMilliseconds);
  afterAll(() => cluster?.stop(), startDeadlineMilliseconds);

  async function madePods(): Promise<readonly string[]> {
    const { body } = await cluster.api.send('GET', `${pods}/shop/pods`);
    const { items } = body as { items: { metadata: { name: string; generateName?: string } }[] };
    return items.flatMap(({ metadata: { name, generateName } }) =>
      generateName === undefined ? [] : [name],
    );
  }

  async function read(through: ClusterClient): Promise<ReturnType<typeof createMesh>> {
    const mesh = createMesh({});
    const { signal } = new AbortController();
    const reading = { client: through, mesh, types: kinds, rootNamespace: 'istio-system', signal };
    expect(await readCluster(reading)).toEqual([]);
    return mesh;
  }

  /** The mesh that whole pages give, as from a server that knows no other form. */
  function readWhole(): Promise<ReturnType<typeof createMesh>> {
    return read({ ...client, listMetadata: (path, signal) => client.list(path, signal) });
  }

  function objectsOf(mesh: ReturnType<typeof createMesh>): readonly unknown[] {
    return ['bare', 'shop'].flatMap((namespace) =>
      kinds.flatMap((kind) =>
        [...mesh.inNamespace(kind, namespace)]
          .map(({ object }: Resource) => object)
          .toSorted((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1)),
      ),
    );
  }

  test('give what lists of whole objects give', async () => {
    const seen = watched(client);
    const mesh = await read(seen.client);

    expect(objectsOf(mesh)).toEqual(objectsOf(await readWhole()));
    expect(mesh.count('Pod')).toBe(bareCount + 1);
    expect([mesh.count('ReplicaSet'), mesh.count('Job')]).toEqual([0, 1]);
    expect(mesh.get('Pod', 'shop', 'ledger-1')?.object['spec']).toBeDefined();
  });

  test('read a page again where many of it are held, and by name where few are', async () => {
    const seen = watched(client);
    await read(seen.client);
    const byName = seen.whole.filter((path) => path.includes('fieldSelector'));
    const pages = seen.whole.filter((path) => !byName.includes(path));

    expect(seen.metadata.filter((path) => path.startsWith('/api/v1/pods'))).toHaveLength(2);
    expect(pages).toEqual([expect.stringMatching(/^\/api\/v1\/pods\?.*Match=Exact/u)]);
    // Five of the second page, the database's and the Job.
    expect(byName).toHaveLength(7);
    expect(seen.mostAtOnce()).toBeLessThanOrEqual(5);
  });

  test('are of one state, whatever happens between the page and its objects', async () => {
    await cluster.api.must('POST', `${pods}/shop/pods`, pod('gone-soon'));
    await cluster.api.must('POST', `${pods}/shop/pods`, pod('other', { color: 'red' }));
    let changes = 0;
    const seen = watched(client, {
      async afterMetadata() {
        changes += 1;
        if (changes === 1) {
          const place = `${pods}/shop/pods`;
          await cluster.api.must('DELETE', `${place}/gone-soon?gracePeriodSeconds=0`);
          const body = { metadata: { labels: { color: 'blue' } } };
          await cluster.api.must('PATCH', `${place}/other`, body, merge);
        }
      },
    });
    const mesh = createMesh({});
    const { signal } = new AbortController();
    const types: readonly KindName[] = ['Pod'];
    await readCluster({ client: seen.client, mesh, types, rootNamespace: 'istio-system', signal });

    expect(mesh.get('Pod', 'shop', 'gone-soon')?.object['spec']).toBeDefined();
    expect(mesh.get('Pod', 'shop', 'other')?.labels).toEqual({ color: 'red' });
    await cluster.api.must('DELETE', `${pods}/shop/pods/other?gracePeriodSeconds=0`);
  });

  test('begin again where the state is kept no more', async () => {
    let refusals = 2;
    const seen = watched(client, {
      beforeWhole(path) {
        if (refusals > 0 && path.includes('/pods')) {
          refusals -= 1;
          throw new ApiStatusError(410, `GET ${path}`, { reason: 'Expired' });
        }
      },
    });
    const restarts: string[] = [];
    const mesh = createMesh({});
    const followed = followCluster({
      client: seen.client,
      mesh,
      types: new Set(kinds),
      rootNamespace: 'istio-system',
      reports: {
        changed: () => undefined,
        restarted: (type, reason) => restarts.push(`${type} ${reason}`),
        discoveryFailed: () => undefined,
      },
    });
    try {
      await waitFor('the mesh', eventDeadlineMilliseconds, () =>
        Promise.resolve(followed.waitingFor().length === 0 ? true : undefined),
      );
      expect(restarts).toEqual(['Pod expired', 'Pod expired']);
      expect(objectsOf(mesh)).toEqual(objectsOf(await readWhole()));
    } finally {
      await followed.stop();
    }
  });

  test('are followed by whole objects: what loses its owner comes, what gets one goes', async () => {
    const mesh = createMesh({});
    const followed = followCluster({
      client,
      mesh,
      types: new Set(kinds),
      rootNamespace: 'istio-system',
      reports: {
        changed: () => undefined,
        restarted: () => undefined,
        discoveryFailed: () => undefined,
      },
    });
    const until = (what: string, holds: () => boolean) =>
      waitFor(what, eventDeadlineMilliseconds, () => Promise.resolve(holds() ? true : undefined));
    try {
      await until('the mesh', () => followed.waitingFor().length === 0);
      const name = (await madePods()).find((made) => made.startsWith('cart-')) ?? '';
      const path = `${pods}/shop/pods/${name}`;
      expect(mesh.get('Pod', 'shop', name)).toBeUndefined();

      await cluster.api.must('PATCH', path, { metadata: { labels: { app: 'apart' } } }, merge);
      await until('the released Pod', () => mesh.get('Pod', 'shop', name) !== undefined);
      expect(mesh.get('Pod', 'shop', name)?.object['spec']).toBeDefined();

      await cluster.api.must('PATCH', path, { metadata: { labels: { app: 'cart' } } }, merge);
      await until('the adopted Pod', () => mesh.get('Pod', 'shop', name) === undefined);
    } finally {
      await followed.stop();
    }
  });
});
