import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppsV1Api, CoreV1Api, KubernetesObjectApi } from '@kubernetes/client-node';
import type { KubernetesObject, V1Deployment, V1Pod } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApiAnswer } from '../support/cluster/api.ts';
import { startFakeInjector } from '../support/cluster/fake-injector.ts';
import type { FakeInjector } from '../support/cluster/fake-injector.ts';
import { startGate, unregisterGate } from '../support/cluster/gate.ts';
import type { Gate } from '../support/cluster/gate.ts';
import { freePorts } from '../support/cluster/ports.ts';
import { startCluster } from '../support/cluster/start.ts';
import type { Cluster } from '../support/cluster/start.ts';
import { waitFor } from '../support/cluster/wait.ts';
import { describeWithCluster } from '../support/describe.ts';
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

const startDeadlineMilliseconds = 240_000;
const eventDeadlineMilliseconds = 60_000;
const injected = { 'istio-injection': 'enabled' };
const shortDrain = { drain: '20s', graceSeconds: 40 };

/** Connections of 60s ask for a drain of 120s within a grace period of 130s, ten seconds being the usual margin. */
const config = `
apiVersion: meshgate.dev/v1alpha1
kind: MeshgateConfig
mesh:
  istioVersion: '1.31'
  nativeSidecars: false
policies:
  drain/grace-covers-ttl:
    mode: { admission: enforce }
  drain/fits-grace-period:
    mode: { admission: enforce }
scopes:
  - name: lenient
    match: { namespaces: [lenient] }
    policies:
      drain/grace-covers-ttl: { mode: { admission: warn } }
exemptions:
  - policy: drain/grace-covers-ttl
    match: { namespaces: [legacy] }
    reason: Goes away with the old clients.
annotationExemptions:
  namespaces: [sandbox]
`;

describeWithCluster('admission at a real API server', () => {
  let cluster: Cluster;
  let core: CoreV1Api;
  let apps: AppsV1Api;
  let objects: KubernetesObjectApi;
  let injector: FakeInjector;
  let gate: Gate;

  beforeAll(async () => {
    cluster = await startCluster();
    core = cluster.adminClient.makeApiClient(CoreV1Api);
    apps = cluster.adminClient.makeApiClient(AppsV1Api);
    objects = KubernetesObjectApi.makeApiClient(cluster.adminClient);
    for (const namespace of ['shop', 'lenient', 'legacy', 'sandbox']) {
      await cluster.createNamespace(namespace, injected);
      await core.createNamespacedService({ namespace, body: service('ledger') });
      await create(rule('ledger', namespace, '60s'));
    }
    await cluster.createNamespace('meshgate-system');
    await cluster.createNamespace('not-injected');
    await core.createNamespacedService({ namespace: 'not-injected', body: service('ledger') });
    await create(rule('ledger', 'not-injected', '60s'));
    await apps.createNamespacedDeployment({
      namespace: 'shop',
      body: deployment('before', { ...shortDrain, app: 'ledger' }),
    });
    injector = await startFakeInjector(cluster, { native: false });
    gate = await startGate(cluster, { config });
    await gate.waitUntilReady();
    await gate.register();
  }, startDeadlineMilliseconds);
  afterAll(async () => {
    await injector?.stop();
    await cluster?.stop();
  }, startDeadlineMilliseconds);

  async function create(body: KubernetesObject): Promise<KubernetesObject> {
    return objects.create(body);
  }

  function post(namespace: string, body: V1Deployment, query = ''): Promise<ApiAnswer> {
    return cluster.api.send(
      'POST',
      `/apis/apps/v1/namespaces/${namespace}/deployments${query}`,
      body,
    );
  }

  function patch(path: string, body: unknown, type = 'merge-patch'): Promise<ApiAnswer> {
    return cluster.api.send('PATCH', path, body, {
      'content-type': `application/${type}${type === 'apply-patch' ? '+yaml' : '+json'}`,
    });
  }

  function expectFilled(made: V1Pod): void {
    expect(made.spec?.terminationGracePeriodSeconds).toBe(130);
    expect(made.metadata?.annotations?.[drainAnnotation]).toBe('terminationDrainDuration: 120s\n');
    expect(proxyConfigOf(made)).toBe('terminationDrainDuration: 120s\n');
    expect(filledBy(made)).toEqual([
      {
        policy: 'drain/grace-covers-ttl',
        at: '/metadata/annotations/proxy.istio.io~1config',
        key: 'terminationDrainDuration',
        value: '120s',
      },
      {
        policy: 'drain/grace-covers-ttl',
        at: '/spec/terminationGracePeriodSeconds',
        value: 130,
      },
    ]);
  }

  describe('filling in', () => {
    test('a Pod that declares no drain is filled in before the injector sees it', async () => {
      const body = pod('bare', { app: 'ledger' });
      const made = await core.createNamespacedPod({ namespace: 'shop', body });
      const shown = injector.seen.find(({ metadata }) => metadata?.name === 'bare');

      expectFilled(made);
      expect(shown?.metadata?.annotations?.[drainAnnotation]).toBe(
        'terminationDrainDuration: 120s\n',
      );
      expect(shown?.spec?.terminationGracePeriodSeconds).toBe(130);
    });

    test('the Pods that controllers make of a Deployment are filled in, its template is not', async () => {
      const body = deployment('filled', { app: 'ledger' });
      const made = await apps.createNamespacedDeployment({ namespace: 'shop', body });
      const podMade = await podOf(core, 'shop', 'filled');

      expectFilled(podMade);
      expect(made.spec?.template.metadata?.annotations).toBeUndefined();
      expect(made.spec?.template.spec?.terminationGracePeriodSeconds).toBe(30);
    });

    test('a Pod that no connection outlives stays as it is', async () => {
      const made = await core.createNamespacedPod({ namespace: 'shop', body: pod('free') });

      expect(made.metadata?.annotations).not.toHaveProperty(['meshgate.dev/filled']);
      expect(made.spec?.terminationGracePeriodSeconds).toBe(30);
    });

    test('what is declared is kept, and only the rest is added', async () => {
      const config = '# agreed with clients\nterminationDrainDuration: 125s\nconcurrency: 2\n';
      const body = pod('partly', { app: 'ledger', annotations: { [drainAnnotation]: config } });
      const made = await core.createNamespacedPod({ namespace: 'shop', body });

      expect(made.metadata?.annotations?.[drainAnnotation]).toBe(config);
      expect(made.spec?.terminationGracePeriodSeconds).toBe(135);
    });

    test('a copy of a filled Pod gets no patch', async () => {
      const { metadata, spec } = await core.readNamespacedPod({ namespace: 'shop', name: 'bare' });
      const annotations = metadata?.annotations ?? {};
      const labels = metadata?.labels ?? {};
      const copy = { metadata: { name: 'copy', annotations, labels }, ...(spec && { spec }) };
      const before = await operations();
      const made = await core.createNamespacedPod({ namespace: 'not-injected', body: copy });

      expect(made.metadata?.annotations?.['meshgate.dev/filled']).toBe(
        annotations['meshgate.dev/filled'],
      );
      expect(await operations()).toBe(before);
    });

    test('a dry run shows the fills and has no effect', async () => {
      const before = await operations();
      const path = '/api/v1/namespaces/shop/pods';
      const body = pod('rehearsal', { app: 'ledger' });
      const shown = await cluster.api.must('POST', `${path}?dryRun=All`, body);

      expectFilled(shown as V1Pod);
      expect((await cluster.api.send('GET', `${path}/rehearsal`)).status).toBe(404);
      expect(await operations()).toBe(before);
    });

    async function operations(): Promise<string | undefined> {
      const { body } = await gate.send('GET', '/metrics');
      return /^meshgate_admission_patch_operations_total (\d+)$/mu.exec(String(body))?.[1];
    }
  });

  describe('denying and warning', () => {
    test('a Deployment that declares too little is denied with policy, field and remedy', async () => {
      const answer = await post('shop', deployment('wrong', { ...shortDrain, app: 'ledger' }));
      const { message } = answer.body as { message: string };

      expect(answer.status).toBe(403);
      expect(message).toContain('workloads.meshgate.dev');
      expect(message).toContain('Deployment shop/wrong breaks mesh policy');
      expect(message).toContain('drain/grace-covers-ttl');
      expect(message).toContain(
        'Field: spec.template.metadata.annotations["proxy.istio.io/config"]',
      );
      expect(message).toContain('Fix: Set terminationDrainDuration to 120s');
      expect((await cluster.api.send('GET', deploymentPath('shop', 'wrong'))).status).toBe(404);
    });

    test('a dry run of it is denied as well', async () => {
      const body = deployment('wrong', { ...shortDrain, app: 'ledger' });
      expect((await post('shop', body, '?dryRun=All')).status).toBe(403);
    });

    test('in mode warn it is admitted with a warning', async () => {
      const answer = await post('lenient', deployment('wrong', { ...shortDrain, app: 'ledger' }));
      const warnings = warningsOf(answer);

      expect(answer.status).toBe(201);
      expect(warnings.join(' ')).toContain('drain/grace-covers-ttl');
      expect(warnings.join(' ')).toContain('120s wanted');
      expect(warnings.every((warning) => [...warning].length <= 120)).toBe(true);
    });

    test('a rule that lets connections outlive workloads is denied and names them', async () => {
      const path = '/apis/networking.istio.io/v1/namespaces/shop/destinationrules/ledger';
      const body = { spec: rule('ledger', 'shop', '600s').spec };
      const answer = await patch(path, body);
      const { message } = answer.body as { message: string };

      expect(answer.status).toBe(403);
      expect(message).toContain('configuration.meshgate.dev');
      expect(message).toContain('spec.trafficPolicy.connectionPool.tcp.maxConnectionDuration');
      expect(message).toContain('Deployment shop/before');
    });

    test('a Deployment that needs no more than filling in is admitted in silence', async () => {
      const answer = await post('shop', deployment('silent', { app: 'ledger' }));

      expect(answer.status).toBe(201);
      expect(warningsOf(answer)).toEqual([]);
    });
  });

  describe('exemptions', () => {
    test('an object that the configuration exempts passes in silence', async () => {
      const answer = await post('legacy', deployment('exempt', { ...shortDrain, app: 'ledger' }));

      expect(answer.status).toBe(201);
      expect(warningsOf(answer)).toEqual([]);
    });

    test('an object that its own annotation exempts passes where that is allowed', async () => {
      const body = deployment('exempt', { ...shortDrain, app: 'ledger' });
      const annotations = { 'meshgate.dev/exempt': 'drain/grace-covers-ttl: clients retry' };
      const exempt = { ...body, metadata: { ...body.metadata, annotations } };
      const allowed = await post('sandbox', exempt);

      expect(allowed.status).toBe(201);
      expect(warningsOf(allowed)).toEqual([]);
      expect((await post('shop', exempt)).status).toBe(403);
    });
  });

  describe('applying again', () => {
    test.each([
      ['a server-side apply', 'apply-patch', '?fieldManager=test&force=true'],
      ['a patch as of a client-side apply', 'strategic-merge-patch', ''],
    ])('%s of a filled Pod changes nothing', async (_name, type, query) => {
      const body = pod('again', { app: 'ledger' });
      const path = '/api/v1/namespaces/shop/pods/again';
      const apply = { apiVersion: 'v1', kind: 'Pod', ...body };
      const first = await patch(`${path}?fieldManager=test&force=true`, apply, 'apply-patch');
      const second = await patch(`${path}${query}`, apply, type);
      const versions = [first, second].map(
        ({ body: answered }) => (answered as V1Pod).metadata?.resourceVersion,
      );

      expect(first.status).toBeLessThan(300);
      expect(second.status).toBe(200);
      expect(versions[1]).toBe(versions[0]);
      expectFilled(second.body as V1Pod);
    });

    test('a server-side apply of a Deployment changes nothing', async () => {
      const path = deploymentPath('shop', 'applied');
      const body = { apiVersion: 'apps/v1', kind: 'Deployment', ...deployment('applied') };
      const first = await patch(`${path}?fieldManager=test`, body, 'apply-patch');
      const second = await patch(`${path}?fieldManager=test`, body, 'apply-patch');

      expect((second.body as V1Deployment).metadata?.generation).toBe(
        (first.body as V1Deployment).metadata?.generation,
      );
      expect(second.status).toBe(200);
    });
  });

  describe('what was wrong before', () => {
    const path = deploymentPath('shop', 'before');

    test('can be scaled', async () => {
      const scaled = await patch(path, { spec: { replicas: 2 } });
      const byScale = await patch(`${path}/scale`, { spec: { replicas: 3 } });

      expect([scaled.status, byScale.status]).toEqual([200, 200]);
    });

    test('can be labelled', async () => {
      const answer = await patch(path, { metadata: { labels: { team: 'ledger' } } });
      expect(answer.status).toBe(200);
    });

    test('can get a new image, with a warning about what stays wrong', async () => {
      const containers = [{ name: 'app', image: 'registry.example.com/app:2' }];
      const body = { spec: { template: { spec: { containers } } } };
      const answer = await patch(path, body, 'strategic-merge-patch');

      expect(answer.status).toBe(200);
      expect(warningsOf(answer).join(' ')).toContain('drain/grace-covers-ttl');
    });

    test('cannot become worse by another fault', async () => {
      const body = { spec: { template: { spec: { terminationGracePeriodSeconds: 10 } } } };
      const answer = await patch(path, body);

      expect(answer.status).toBe(403);
      expect(JSON.stringify(answer.body)).toContain('drain/fits-grace-period');
    });

    test('still gets its Pods from its controllers', async () => {
      const made = await podOf(core, 'shop', 'before');
      expect(made.metadata?.annotations?.[drainAnnotation]).toContain('20s');
    });

    test('can be deleted, one by one and as a collection', async () => {
      const rules = '/apis/networking.istio.io/v1/namespaces/lenient/destinationrules';
      const answers = [
        await cluster.api.send('DELETE', path),
        await cluster.api.send('DELETE', '/api/v1/namespaces/shop/pods/bare'),
        await cluster.api.send('DELETE', '/apis/apps/v1/namespaces/lenient/deployments'),
        await cluster.api.send('DELETE', `${rules}/ledger`),
      ];

      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    });
  });

  describe('the registered configurations', () => {
    test('sort before the injector', async () => {
      const { items } = (await cluster.api.must('GET', mutatingPath)) as {
        items: { metadata: { name: string } }[];
      };
      const names = items.map(({ metadata }) => metadata.name).sort();
      expect(names).toEqual(['00-meshgate-mutating', 'istio-sidecar-injector']);
    });

    test('leave mirror Pods alone', async () => {
      const annotations = { 'kubernetes.io/config.mirror': 'hash' };
      const body = pod('mirror', { app: 'ledger', annotations });
      const node = { ...body.spec, nodeName: 'node-1', containers: body.spec?.containers ?? [] };
      const made = await core.createNamespacedPod({
        namespace: 'shop',
        body: { ...body, spec: node },
      });

      expect(made.metadata?.annotations).not.toHaveProperty(['meshgate.dev/filled']);
    });

    test('bring no other kind or operation to the gate', async () => {
      const { body } = await gate.send('GET', '/metrics');
      const reviews = [...String(body).matchAll(/^meshgate_admission_reviews_total\{([^}]*)\}/gmu)];
      const labels = reviews.map(([, text = '']) => text);

      expect(labels.length).toBeGreaterThan(0);
      expect(labels.filter((text) => text.includes('kind="other"'))).toEqual([]);
      expect(labels.filter((text) => text.includes('operation="DELETE"'))).toEqual([]);
      expect(labels.filter((text) => text.includes('verdict="errored"'))).toEqual([]);
    });
  });

  describe('the live mesh', () => {
    test('is followed: a new Service and rule count for the next Pod', async () => {
      await core.createNamespacedService({ namespace: 'shop', body: service('archive') });
      await create(rule('archive', 'shop', '30s'));
      const body = pod('archive', { app: 'archive' });
      const grace = await waitFor('the watch seeing both', eventDeadlineMilliseconds, async () => {
        const path = '/api/v1/namespaces/shop/pods?dryRun=All';
        const shown = (await cluster.api.must('POST', path, body)) as V1Pod;
        const seconds = shown.spec?.terminationGracePeriodSeconds;
        return seconds === 30 ? undefined : seconds;
      });

      expect(grace).toBe(70);
    });

    test('makes the gate ready only once it has been read', async () => {
      const [port = 0] = await freePorts(1);
      const text = readFileSync(cluster.kubeconfigPath, 'utf8');
      const kubeconfigPath = join(cluster.processes.folder, 'relayed-kubeconfig.json');
      writeFileSync(kubeconfigPath, text.replaceAll(cluster.url, `https://127.0.0.1:${port}`));
      const second = await startGate(cluster, { kubeconfigPath });
      const relay = createServer((socket) => {
        const target = connect(Number(new URL(cluster.url).port), '127.0.0.1');
        socket.pipe(target).pipe(socket);
        socket.on('error', () => target.destroy());
        target.on('error', () => socket.destroy());
      });
      try {
        const early = await second.send('GET', '/readyz');
        expect(early.status).toBe(503);
        expect(early.body).toContain('not ready');

        await once(relay.listen(port, '127.0.0.1'), 'listening');
        await second.waitUntilReady();
        expect((await second.send('GET', '/metrics')).body).toContain('meshgate_mesh_synced 1');
      } finally {
        await second.stop();
        relay.close();
      }
    });
  });

  describe('with the gate down', () => {
    const wrong = deployment('wrong', { ...shortDrain, app: 'ledger' });

    beforeAll(async () => {
      await gate.stop();
    }, startDeadlineMilliseconds);

    test('everything is admitted under Ignore', async () => {
      const made = await core.createNamespacedPod({
        namespace: 'shop',
        body: pod('alone', { app: 'ledger' }),
      });
      expect(made.metadata?.annotations).not.toHaveProperty(['meshgate.dev/filled']);
      expect((await post('shop', wrong, '?dryRun=All')).status).toBe(201);
    });

    test('under Fail, system namespaces and its own go on working', async () => {
      await setFailurePolicy('Fail');
      await waitFor('Fail taking effect', eventDeadlineMilliseconds, async () =>
        (await post('shop', wrong, '?dryRun=All')).status === 500 ? true : undefined,
      );
      const statuses = [];
      for (const namespace of ['kube-system', 'meshgate-system', 'kube-public']) {
        const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All`;
        statuses.push((await cluster.api.send('POST', path, pod('own'))).status);
        statuses.push((await post(namespace, deployment('own'), '?dryRun=All')).status);
      }
      const deleted = await cluster.api.send('DELETE', '/api/v1/namespaces/shop/pods/alone');

      expect(statuses).toEqual([201, 201, 201, 201, 201, 201]);
      expect(deleted.status).toBe(200);
    });

    test('taking the configurations out lets everything through', async () => {
      await unregisterGate(cluster);
      await waitFor('the end of the webhooks', eventDeadlineMilliseconds, async () =>
        (await post('shop', wrong, '?dryRun=All')).status === 201 ? true : undefined,
      );
    });

    async function setFailurePolicy(failurePolicy: 'Fail'): Promise<void> {
      const path =
        '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/meshgate-validating';
      const { webhooks } = (await cluster.api.must('GET', path)) as { webhooks: object[] };
      const operations = webhooks.map((_webhook, index) => ({
        op: 'replace',
        path: `/webhooks/${index}/failurePolicy`,
        value: failurePolicy,
      }));
      expect((await patch(path, operations, 'json-patch')).status).toBe(200);
    }
  });
});

function deploymentPath(namespace: string, name: string): string {
  return `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
}
