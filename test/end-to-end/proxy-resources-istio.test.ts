import { CoreV1Api } from '@kubernetes/client-node';
import type { V1Pod, V1ResourceRequirements } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findIstiod, startIstiod } from '../support/cluster/istiod.ts';
import { pod } from '../support/cluster/objects.ts';
import { startCluster } from '../support/cluster/start.ts';
import type { Cluster } from '../support/cluster/start.ts';
import { describeWithClusterAnd } from '../support/describe.ts';

const startDeadlineMilliseconds = 240_000;
const istiod = findIstiod();
const missing = 'missing' in istiod ? istiod.missing : undefined;

/** What tenancy/proxy-resources says of the injector, on the real one. */
describeWithClusterAnd(missing, 'the proxy resources that the real injector gives', () => {
  let cluster: Cluster;
  let core: CoreV1Api;

  beforeAll(async () => {
    cluster = await startCluster();
    await startIstiod(cluster);
    core = cluster.adminClient.makeApiClient(CoreV1Api);
    await cluster.createNamespace('shop', { 'istio-injection': 'enabled' });
  }, startDeadlineMilliseconds);
  afterAll(() => cluster?.stop(), startDeadlineMilliseconds);

  async function resourcesOf(
    name: string,
    annotations: Readonly<Record<string, string>>,
  ): Promise<V1ResourceRequirements | undefined> {
    const body = pod(name, { annotations });
    const made: V1Pod = await core.createNamespacedPod({ namespace: 'shop', body });
    return [...(made.spec?.initContainers ?? []), ...(made.spec?.containers ?? [])].find(
      (container) => container.name === 'istio-proxy',
    )?.resources;
  }

  test('without an annotation: the defaults of the chart', async () => {
    expect(await resourcesOf('plain', {})).toEqual({
      requests: { cpu: '100m', memory: '128Mi' },
      limits: { cpu: '2', memory: '1Gi' },
    });
  });

  test('one of the four drops the other three', async () => {
    expect(await resourcesOf('one', { 'sidecar.istio.io/proxyCPU': '200m' })).toEqual({
      requests: { cpu: '200m' },
    });
  });

  test('a limit alone is its own request', async () => {
    expect(await resourcesOf('limit', { 'sidecar.istio.io/proxyMemoryLimit': '1Gi' })).toEqual({
      requests: { memory: '1Gi' },
      limits: { memory: '1Gi' },
    });
  });

  test.each([
    ['what is no quantity', { 'sidecar.istio.io/proxyMemory': '256MB' }],
    [
      'a limit below the request',
      { 'sidecar.istio.io/proxyMemory': '2Gi', 'sidecar.istio.io/proxyMemoryLimit': '1Gi' },
    ],
  ])('%s: no Pod is made', async (name, annotations) => {
    const refused = resourcesOf(name.replaceAll(' ', '-'), annotations);
    await expect(refused).rejects.toThrow(/HTTP-Code: (?:4|5)\d\d/u);
  });
});
