import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { AppsV1Api, CoreV1Api, KubernetesObjectApi } from '@kubernetes/client-node';
import type { V1Deployment, V1Pod } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startFakeInjector } from '../support/cluster/fake-injector.ts';
import { findIstiod, startIstiod } from '../support/cluster/istiod.ts';
import { startCluster } from '../support/cluster/start.ts';
import type { Cluster } from '../support/cluster/start.ts';
import { waitFor } from '../support/cluster/wait.ts';
import { describeWithCluster, describeWithClusterAnd } from '../support/describe.ts';

const startDeadlineMilliseconds = 240_000;
const eventDeadlineMilliseconds = 60_000;
const injected = { 'istio-injection': 'enabled' };

function pod(name: string, annotations: Readonly<Record<string, string>> = {}): V1Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, annotations: { ...annotations } },
    spec: { containers: [{ name: 'app', image: 'registry.example.com/app:1' }] },
  };
}

function deployment(name: string): V1Deployment {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: pod(name).spec ?? { containers: [] } },
    },
  };
}

function proxyConfigOf(
  containers: NonNullable<V1Pod['spec']>['containers'] = [],
): string | undefined {
  const proxy = containers.find(({ name }) => name === 'istio-proxy');
  return proxy?.env?.find(({ name }) => name === 'PROXY_CONFIG')?.value;
}

function processState(pid: number): string {
  return spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
}

describeWithCluster('a test cluster', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
  }, startDeadlineMilliseconds);
  afterAll(() => cluster?.stop(), startDeadlineMilliseconds);

  test('makes a ReplicaSet and a Pod of a Deployment', async () => {
    await cluster.createNamespace('shop');
    const body = deployment('cart');
    const apps = cluster.adminClient.makeApiClient(AppsV1Api);
    await apps.createNamespacedDeployment({ namespace: 'shop', body });

    const core = cluster.adminClient.makeApiClient(CoreV1Api);
    const made = await waitFor('a Pod of the Deployment', eventDeadlineMilliseconds, async () => {
      const { items } = await core.listNamespacedPod({ namespace: 'shop' });
      return items[0];
    });
    const { items: sets } = await apps.listNamespacedReplicaSet({ namespace: 'shop' });

    expect(made.spec?.terminationGracePeriodSeconds).toBe(30);
    expect(made.metadata?.ownerReferences?.[0]?.name).toBe(sets[0]?.metadata?.name);
  });

  test('serves the kinds of Istio and Gateway API', async () => {
    const objects = KubernetesObjectApi.makeApiClient(cluster.adminClient);
    await cluster.createNamespace('traffic');
    const applied = await objects.create({
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name: 'cart', namespace: 'traffic' },
      spec: { host: 'cart.traffic.svc.cluster.local' },
    } as Parameters<typeof objects.create>[0]);
    const routes = await cluster.api.send('GET', '/apis/gateway.networking.k8s.io/v1/httproutes');

    expect(applied.metadata?.uid).toBeDefined();
    expect(routes.status).toBe(200);
  });

  test('shows a Pod to the fake injector, which adds its proxy', async () => {
    const injector = await startFakeInjector(cluster);
    try {
      await cluster.createNamespace('mesh', injected);
      const config = 'terminationDrainDuration: 30s\n';
      const core = cluster.adminClient.makeApiClient(CoreV1Api);
      const body = pod('cart', { 'proxy.istio.io/config': config });
      const created = await core.createNamespacedPod({ namespace: 'mesh', body });

      expect(injector.seen.map(({ metadata }) => metadata?.annotations)).toEqual([
        { 'proxy.istio.io/config': config },
      ]);
      expect(created.spec?.initContainers?.[0]?.restartPolicy).toBe('Always');
      expect(proxyConfigOf(created.spec?.initContainers)).toBe(config);
    } finally {
      await injector.stop();
    }
    const later = await cluster.api.send('POST', '/api/v1/namespaces/mesh/pods', pod('later'));
    expect(later.status).toBe(201);
  });

  test('removes a namespace with all that is in it', async () => {
    await cluster.createNamespace('short-lived');
    await cluster.api.must('DELETE', '/api/v1/namespaces/short-lived');
    await waitFor('the namespace being gone', eventDeadlineMilliseconds, async () => {
      const { status } = await cluster.api.send('GET', '/api/v1/namespaces/short-lived');
      return status === 404 ? true : undefined;
    });
  });
});

describeWithCluster('the end of a test cluster', () => {
  test(
    'leaves no process and no folder',
    async () => {
      const cluster = await startCluster({ crds: false });
      const { processes } = cluster;
      const running = processes.pids().map(processState);
      await cluster.stop();

      expect(running).toHaveLength(3);
      expect(running).not.toContain('');
      expect(processes.pids().map(processState)).toEqual(['', '', '']);
      expect(existsSync(processes.folder)).toBe(false);
    },
    startDeadlineMilliseconds,
  );

  test('quotes the log of what did not start', async () => {
    const start = startCluster({ crds: false, apiServerArguments: ['--no-such-flag'] });
    await expect(start).rejects.toThrow('unknown flag: --no-such-flag');
  });
});

const processesModule = new URL('../support/cluster/processes.ts', import.meta.url).href;

test('a killed test leaves no process and no folder', async () => {
  const script = `
    import { createProcessGroup } from ${JSON.stringify(processesModule)};
    const group = createProcessGroup();
    const { pid } = await group.start({ name: 'sleep', path: 'sleep', args: ['600'] });
    console.log(JSON.stringify({ pid, folder: group.folder }));
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { pid, folder } = JSON.parse(line.toString()) as { pid: number; folder: string };
  expect(existsSync(folder)).toBe(true);

  child.kill('SIGKILL');
  await waitFor('the folder being gone', eventDeadlineMilliseconds, async () =>
    existsSync(folder) ? undefined : true,
  );
  // Where no init process collects it, a dead process stays listed as a zombie; one that is killed ends a moment later.
  await waitFor('the process being gone', eventDeadlineMilliseconds, () =>
    Promise.resolve(/^(?:Z.*)?$/u.test(processState(pid)) ? true : undefined),
  );
});

const istiod = findIstiod();

describeWithClusterAnd('missing' in istiod ? istiod.missing : undefined, 'the real istiod', () => {
  const config = 'terminationDrainDuration: 33s\n';
  let cluster: Cluster;
  let core: CoreV1Api;
  beforeAll(async () => {
    cluster = await startCluster();
    await startIstiod(cluster);
    core = cluster.adminClient.makeApiClient(CoreV1Api);
    await cluster.createNamespace('mesh', injected);
  }, startDeadlineMilliseconds);
  afterAll(() => cluster?.stop(), startDeadlineMilliseconds);

  test('injects a native sidecar with the settings of the annotation', async () => {
    const body = pod('native', { 'proxy.istio.io/config': config });
    const { spec } = await core.createNamespacedPod({ namespace: 'mesh', body });
    const proxy = spec?.initContainers?.find(({ name }) => name === 'istio-proxy');

    expect(proxy?.restartPolicy).toBe('Always');
    expect(proxyConfigOf(spec?.initContainers)).toContain('"terminationDrainDuration":"33s"');
    expect(spec?.containers.map(({ name }) => name)).toEqual(['app']);
  });

  test('injects a classic sidecar where the annotation asks for one', async () => {
    const body = pod('classic', {
      'proxy.istio.io/config': config,
      'sidecar.istio.io/nativeSidecar': 'false',
    });
    const { spec } = await core.createNamespacedPod({ namespace: 'mesh', body });

    expect(spec?.containers.map(({ name }) => name).toSorted()).toEqual(['app', 'istio-proxy']);
    expect(proxyConfigOf(spec?.containers)).toContain('"terminationDrainDuration":"33s"');
  });

  test('refuses a DestinationRule without a host', async () => {
    const path = '/apis/networking.istio.io/v1/namespaces/mesh/destinationrules';
    const rule = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name: 'nowhere' },
      spec: { host: '' },
    };
    const answer = await cluster.api.send('POST', path, rule);

    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain('validation.istio.io');
  });
});
