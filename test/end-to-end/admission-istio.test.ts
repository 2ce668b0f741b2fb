import { AppsV1Api, CoreV1Api, KubernetesObjectApi } from '@kubernetes/client-node';
import type { V1Pod } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApiAnswer } from '../support/cluster/api.ts';
import { startGate } from '../support/cluster/gate.ts';
import type { Gate } from '../support/cluster/gate.ts';
import { findIstiod, startIstiod } from '../support/cluster/istiod.ts';
import {
  deployment,
  drainAnnotation,
  filledBy,
  mutatingPath,
  pod,
  podOf,
  proxyConfigOf,
  rule,
  service,
  warningsOf,
} from '../support/cluster/objects.ts';
import { startCluster } from '../support/cluster/start.ts';
import type { Cluster } from '../support/cluster/start.ts';
import { describeWithClusterAnd } from '../support/describe.ts';

const startDeadlineMilliseconds = 240_000;
const istiod = findIstiod();
const missing = 'missing' in istiod ? istiod.missing : undefined;
const classic = { annotations: { 'sidecar.istio.io/nativeSidecar': 'false' } };

function config(mesh: string): string {
  return `
apiVersion: meshgate.dev/v1alpha1
kind: MeshgateConfig
mesh: ${mesh}
policies:
  drain/grace-covers-ttl:
    mode: { admission: enforce }
`;
}

describeWithClusterAnd(missing, 'admission beside the real istiod', () => {
  let cluster: Cluster;
  let core: CoreV1Api;
  let gate: Gate;

  beforeAll(async () => {
    cluster = await startCluster();
    await startIstiod(cluster);
    core = cluster.adminClient.makeApiClient(CoreV1Api);
    await cluster.createNamespace('shop', { 'istio-injection': 'enabled' });
    await core.createNamespacedService({ namespace: 'shop', body: service('ledger') });
    await KubernetesObjectApi.makeApiClient(cluster.adminClient).create(
      rule('ledger', 'shop', '60s'),
    );
  }, startDeadlineMilliseconds);
  afterAll(() => cluster?.stop(), startDeadlineMilliseconds);

  async function serve(mesh: string): Promise<void> {
    gate = await startGate(cluster, { config: config(mesh) });
    await gate.waitUntilReady();
    await gate.register();
  }

  function create(body: V1Pod): Promise<V1Pod> {
    return core.createNamespacedPod({ namespace: 'shop', body });
  }

  function proxyIn(made: V1Pod, list: 'containers' | 'initContainers'): boolean {
    return (made.spec?.[list] ?? []).some(({ name }) => name === 'istio-proxy');
  }

  describe('with native sidecars', () => {
    beforeAll(() => serve('{ nativeSidecars: true }'), startDeadlineMilliseconds);
    afterAll(() => gate?.stop());

    test('sorts before the injector', async () => {
      const { items } = (await cluster.api.must('GET', mutatingPath)) as {
        items: { metadata: { name: string } }[];
      };
      const names = items.map(({ metadata }) => metadata.name).sort();

      expect(names[0]).toBe('00-meshgate-mutating');
      expect(names.some((name) => name.startsWith('istio-'))).toBe(true);
    });

    test('raises the grace period, and leaves the drain that does nothing alone', async () => {
      const made = await create(pod('native', { app: 'ledger' }));

      expect(proxyIn(made, 'initContainers')).toBe(true);
      expect(made.spec?.terminationGracePeriodSeconds).toBe(130);
      expect(made.metadata?.annotations).not.toHaveProperty([drainAnnotation]);
      expect(filledBy(made)).toEqual([
        {
          policy: 'drain/grace-covers-ttl',
          at: '/spec/terminationGracePeriodSeconds',
          value: 130,
        },
      ]);
    });

    test('a Pod that asks for a classic sidecar gets the drain as well', async () => {
      const made = await create(pod('asks-for-classic', { app: 'ledger', ...classic }));

      expect(proxyIn(made, 'containers')).toBe(true);
      expect(made.spec?.terminationGracePeriodSeconds).toBe(130);
      expect(proxyConfigOf(made)).toContain('"terminationDrainDuration":"120s"');
    });
  });

  describe('where nothing tells classic from native sidecars', () => {
    beforeAll(() => serve('{}'), startDeadlineMilliseconds);
    afterAll(() => gate?.stop());

    test('a Pod gets what either kind needs', async () => {
      const made = await create(pod('either', { app: 'ledger' }));

      expect(made.spec?.terminationGracePeriodSeconds).toBe(130);
      expect(proxyConfigOf(made)).toContain('"terminationDrainDuration":"120s"');
    });

    test('what is filled joins the settings that the Pod declares', async () => {
      const declared = 'concurrency: 3\n';
      const annotations = { ...classic.annotations, [drainAnnotation]: declared };
      const made = await create(pod('joined', { app: 'ledger', annotations }));

      expect(made.metadata?.annotations?.[drainAnnotation]).toContain(declared);
      expect(proxyConfigOf(made)).toContain('"concurrency":3');
      expect(proxyConfigOf(made)).toContain('"terminationDrainDuration":"120s"');
    });

    test('the Pods of a Deployment carry it, each in its kind of sidecar', async () => {
      const apps = cluster.adminClient.makeApiClient(AppsV1Api);
      const native = deployment('as-native', { app: 'ledger' });
      const asClassic = deployment('as-classic', { app: 'ledger', ...classic });
      await apps.createNamespacedDeployment({ namespace: 'shop', body: native });
      await apps.createNamespacedDeployment({ namespace: 'shop', body: asClassic });
      const pods = [
        await podOf(core, 'shop', 'as-native'),
        await podOf(core, 'shop', 'as-classic'),
      ];

      expect(pods.map(({ spec }) => spec?.terminationGracePeriodSeconds)).toEqual([130, 130]);
      expect(pods.map((made) => proxyIn(made, 'initContainers'))).toEqual([true, false]);
      for (const made of pods) {
        expect(proxyConfigOf(made)).toContain('"terminationDrainDuration":"120s"');
      }
    });

    test('the validating side has nothing to say of an injected Pod', async () => {
      const path = '/api/v1/namespaces/shop/pods';
      const answer = await cluster.api.send('POST', path, pod('judged', { app: 'ledger' }));

      expect(answer.status).toBe(201);
      expect(warningsOf(answer)).toEqual([]);
    });

    test('an injected Pod that is created again gets no patch of ours', async () => {
      const { metadata, spec } = await core.readNamespacedPod({
        namespace: 'shop',
        name: 'either',
      });
      const { annotations = {}, labels = {} } = metadata ?? {};
      const made = await create({
        metadata: { name: 'created-again', annotations, labels },
        ...(spec === undefined ? {} : { spec }),
      });

      expect(made.metadata?.annotations?.['meshgate.dev/filled']).toBe(
        annotations['meshgate.dev/filled'],
      );
      expect(made.metadata?.annotations?.[drainAnnotation]).toBe(annotations[drainAnnotation]);
      expect(made.spec?.terminationGracePeriodSeconds).toBe(130);
    });

    test('a rule must pass both validators', async () => {
      const path = '/apis/networking.istio.io/v1/namespaces/shop/destinationrules';
      const shorter = await apply(rule('ledger', 'shop', '30s'));
      const longer = await apply(rule('ledger', 'shop', '600s'));
      const nowhere = await apply({ ...rule('ledger', 'shop', '30s'), spec: { host: '' } });

      expect(shorter.status).toBe(200);
      expect(longer.status).toBe(403);
      expect(JSON.stringify(longer.body)).toContain('Deployment shop/as-classic');
      expect(JSON.stringify(nowhere.body)).toContain('validation.istio.io');

      function apply(body: unknown): Promise<ApiAnswer> {
        const query = 'fieldManager=test&force=true&dryRun=All';
        return cluster.api.send('PATCH', `${path}/ledger?${query}`, body, {
          'content-type': 'application/apply-patch+yaml',
        });
      }
    });
  });
});
