import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ApiStatusError } from '../../pipelines/source/cluster-transport.ts';
import {
  apiPath,
  connectWriter,
  isConflict,
  type ClusterWriter,
} from '../../pipelines/source/cluster-writer.ts';
import { stringIn, valueIn } from '../../policies/core/json.ts';
import { startCluster, type Cluster } from '../support/cluster/start.ts';
import { describeWithCluster } from '../support/describe.ts';

const startDeadlineMilliseconds = 240_000;

describeWithCluster('writing to an API server', () => {
  let cluster: Cluster;
  let writer: ClusterWriter;
  const place = { apiVersion: 'v1', resource: 'configmaps', namespace: 'default' };
  const collection = apiPath(place);
  const map = (name: string, value: string) => ({ metadata: { name }, data: { key: value } });

  beforeAll(async () => {
    cluster = await startCluster({ crds: false });
    writer = connectWriter(cluster.kubeconfigPath);
  }, startDeadlineMilliseconds);
  afterAll(() => cluster?.stop(), startDeadlineMilliseconds);

  test('creates once, and reads what is there', async () => {
    const path = apiPath({ ...place, name: 'once' });
    expect(await writer.read(path)).toBeUndefined();
    await writer.create(collection, map('once', 'first'));
    const again = writer.create(collection, map('once', 'second'));
    await expect(again).rejects.toThrow('already exists');
    expect(isConflict(await problemOf(again))).toBe(true);
    expect(valueIn(await writer.read(path), 'data', 'key')).toBe('first');
  });

  test('stores nothing in a dry run', async () => {
    const made = await writer.create(collection, map('dry', 'x'), { dryRun: true });
    expect(stringIn(made, 'metadata', 'uid')).toBeDefined();
    expect(await writer.read(apiPath({ ...place, name: 'dry' }))).toBeUndefined();
  });

  test.each(['replace', 'merge'] as const)(
    '%s is refused after somebody else wrote',
    async (how) => {
      const path = apiPath({ ...place, name: how });
      const made = await writer.create(collection, map(how, 'first'));
      await writer.merge(path, { data: { key: 'second' } });
      const late = writer[how](path, { ...made, data: { key: 'late' } });
      expect(isConflict(await problemOf(late))).toBe(true);
      const now = await writer.read(path);
      expect(valueIn(now, 'data', 'key')).toBe('second');
      await writer[how](path, { ...now, data: { key: 'third' } });
      expect(valueIn(await writer.read(path), 'data', 'key')).toBe('third');
    },
  );

  test('applies as a manager of its own, over others', async () => {
    const path = apiPath({ ...place, name: 'applied' });
    await writer.create(collection, map('applied', 'theirs'), { fieldManager: 'somebody' });
    const object = { apiVersion: 'v1', kind: 'ConfigMap', ...map('applied', 'ours') };
    const applied = await writer.apply(path, object, { fieldManager: 'meshgate-test' });
    expect(valueIn(applied, 'data', 'key')).toBe('ours');
    expect(JSON.stringify(valueIn(applied, 'metadata', 'managedFields'))).toContain(
      'meshgate-test',
    );
  });

  test('removes what is meant, once and again', async () => {
    const path = apiPath({ ...place, name: 'gone' });
    await writer.create(collection, map('gone', 'x'));
    const wrong = writer.remove(path, { uid: 'another' });
    expect(isConflict(await problemOf(wrong))).toBe(true);
    await writer.remove(path);
    await writer.remove(path);
    expect(await writer.read(path)).toBeUndefined();
  });

  test('tells what the API server said', async () => {
    const refused = writer.create(collection, map('Not A Name', 'x'));
    await expect(refused).rejects.toThrow(ApiStatusError);
    await expect(refused).rejects.toMatchObject({ status: 422, reason: 'Invalid' });
    await expect(refused).rejects.toThrow(/POST .*configmaps.*RFC 1123/su);
  });
});

test.each([
  [{ apiVersion: 'v1', resource: 'namespaces', name: 'shop' }, '/api/v1/namespaces/shop'],
  [
    { apiVersion: 'coordination.k8s.io/v1', resource: 'leases', namespace: 'a', name: 'b' },
    '/apis/coordination.k8s.io/v1/namespaces/a/leases/b',
  ],
  [{ apiVersion: 'v1', resource: 'pods', namespace: '../x' }, '/api/v1/namespaces/..%2Fx/pods'],
])('%o is at %s', (place, path) => {
  expect(apiPath(place)).toBe(path);
});

async function problemOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return undefined;
}
