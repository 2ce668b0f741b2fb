import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { JsonObject } from '../../policies/core/json.ts';
import { clusterLive } from '../../pipelines/source/cluster-live.ts';
import { createReader } from '../../pipelines/source/cluster-reader.ts';
import { openCluster } from '../../pipelines/source/cluster-transport.ts';
import { startGate, unregisterGate } from '../support/cluster/gate.ts';
import { createKubeConfig } from '../support/cluster/kubeconfig.ts';
import { startCluster, type Cluster } from '../support/cluster/start.ts';
import { waitFor } from '../support/cluster/wait.ts';
import { describeWithCluster } from '../support/describe.ts';
import { brief, compare } from '../support/drift/compare-cluster.ts';
import { startForeignWebhook } from '../support/drift/foreign-webhook.ts';
import { createWriters, nameOf, objectsIn, type Writers } from '../support/drift/writers.ts';
import { runCli } from '../support/run-cli.ts';

const startDeadlineMilliseconds = 240_000;
const testDeadlineMilliseconds = 240_000;
const deployer = 'argocd-controller';
const readerManifest = fileURLToPath(
  new URL('../../deploy/kubernetes/drift-reader.yaml', import.meta.url),
);

/** Without it the gate cannot know which proxies are injected. */
const gateConfig = `
apiVersion: meshgate.dev/v1alpha1
kind: MeshgateConfig
mesh: { istioVersion: '1.31', nativeSidecars: false }
`;

function object(apiVersion: string, kind: string, name: string, rest: JsonObject): JsonObject {
  return { apiVersion, kind, metadata: { name, namespace: 'shop' }, ...rest };
}

const namespace: JsonObject = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'shop', labels: { 'istio-injection': 'enabled' } },
};
const routes = object('networking.istio.io/v1', 'VirtualService', 'cart', {
  spec: {
    hosts: ['cart'],
    http: [
      {
        route: [
          { destination: { host: 'cart', subset: 'v1' }, weight: 90 },
          { destination: { host: 'cart', subset: 'v2' }, weight: 10 },
        ],
      },
    ],
  },
});
const connections = object('networking.istio.io/v1', 'DestinationRule', 'cart', {
  spec: { host: 'cart', trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } } },
});
const outside = object('networking.istio.io/v1', 'ServiceEntry', 'cards', {
  spec: {
    hosts: ['cards.example.com'],
    location: 'MESH_EXTERNAL',
    ports: [{ number: 443, name: 'tls', protocol: 'TLS' }],
    resolution: 'DNS',
  },
});
const strict = object('security.istio.io/v1', 'PeerAuthentication', 'default', {
  spec: { mtls: { mode: 'STRICT' } },
});
const service = object('v1', 'Service', 'cart', {
  spec: { selector: { app: 'cart' }, ports: [{ name: 'tcp-cart', port: 7000 }] },
});
const workload = object('apps/v1', 'Deployment', 'cart', {
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'cart' } },
    template: {
      metadata: { labels: { app: 'cart' } },
      spec: { containers: [{ name: 'app', image: 'registry.example.com/cart:1' }] },
    },
  },
});
const route = object('gateway.networking.k8s.io/v1', 'HTTPRoute', 'cart', {
  spec: {
    parentRefs: [{ name: 'edge' }],
    rules: [{ backendRefs: [{ name: 'cart', port: 7000 }] }],
  },
});
const byHand = object('networking.istio.io/v1', 'VirtualService', 'by-hand', {
  spec: { hosts: ['a'], http: [{ route: [{ destination: { host: 'a' } }] }] },
});
const declared = [namespace, routes, connections, outside, strict, service, workload, route];

describeWithCluster('drift at a real API server', () => {
  let cluster: Cluster;
  let writers: Writers;

  beforeAll(async () => {
    cluster = await startCluster();
    writers = createWriters(cluster);
    await deploy();
  }, startDeadlineMilliseconds);
  afterAll(async () => {
    await cluster?.stop();
  }, startDeadlineMilliseconds);
  afterEach(async () => {
    await deploy();
  }, testDeadlineMilliseconds);

  /** Brings the cluster to what is declared: an edit lives on as its editor's until its object goes. */
  async function deploy(): Promise<void> {
    for (const one of [...declared.slice(1), byHand]) {
      await writers.remove(one);
    }
    for (const one of declared) {
      await waitFor(`${nameOf(one)} being applied`, 60_000, async () =>
        (await writers.apply(one, deployer)).status < 300 ? true : undefined,
      );
    }
  }

  test(
    'a mesh as deployed is in sync, and the command says so',
    async () => {
      const file = join(cluster.processes.folder, 'declared.json');
      writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: declared }));
      const { code, out, err } = await runCli(
        ['drift', file, '--kubeconfig', cluster.kubeconfigPath],
        { folder: cluster.processes.folder },
      );
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toContain(`test: in sync; ${String(declared.length)} of`);
    },
    testDeadlineMilliseconds,
  );

  test(
    'each seeded change is found, at its field, with who made it',
    async () => {
      await writers.edit(routes, (live) => withWeights(live, 50, 50));
      await writers.patch(
        connections,
        { spec: { trafficPolicy: { tls: { mode: 'DISABLE' } } } },
        'kubectl-patch',
      );
      await writers.patch(
        outside,
        { spec: { endpoints: [{ address: '10.0.0.1' }] } },
        'some-controller',
      );
      await writers.remove(strict);
      await writers.patch(
        namespace,
        { metadata: { labels: { 'istio-injection': 'disabled' } } },
        'kubectl-label',
      );
      await writers.scale(workload, 5, 'kubectl');
      await writers.patch(
        route,
        { spec: { rules: [{ backendRefs: [{ name: 'other', port: 7000 }] }] } },
        'node-fetch',
      );
      await writers.apply(byHand, 'kubectl');
      const report = await compare(cluster, declared);
      expect(brief(report).toSorted()).toEqual([
        'changed Deployment shop/cart /spec/replicas changed kubectl',
        'changed DestinationRule shop/cart /spec/trafficPolicy/tls/mode changed kubectl-patch',
        'changed HTTPRoute shop/cart /spec/rules/0/backendRefs/0/name changed node-fetch',
        'changed Namespace shop /metadata/labels/istio-injection changed kubectl-label',
        'changed VirtualService shop/cart /spec/http/0/route/0/weight changed kubectl-edit',
        'changed VirtualService shop/cart /spec/http/0/route/1/weight changed kubectl-edit',
        'extra VirtualService shop/by-hand',
        'foreign ServiceEntry shop/cards /spec/endpoints foreign-addition some-controller',
        'missing PeerAuthentication shop/default',
      ]);
      expect(report.verdict).toBe('drift');
    },
    testDeadlineMilliseconds,
  );

  test(
    'what Git no longer says is still there: removed, as far as the deployer owns it',
    async () => {
      await writers.apply(
        { ...service, metadata: { name: 'cart', namespace: 'shop', labels: { old: 'label' } } },
        deployer,
      );
      expect(brief(await compare(cluster, declared))).toEqual([
        'removed Service shop/cart /metadata/labels/old removed-in-git argocd-controller',
      ]);
    },
    testDeadlineMilliseconds,
  );

  test(
    'an autoscaler that scales is no drift',
    async () => {
      const scaler = object('autoscaling/v2', 'HorizontalPodAutoscaler', 'cart', {
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'cart' },
          maxReplicas: 9,
        },
      });
      await writers.apply(scaler, deployer);
      await writers.scale(workload, 7, 'kube-controller-manager');
      expect(brief(await compare(cluster, [...declared, scaler]))).toEqual([]);
      await writers.remove(scaler);
    },
    testDeadlineMilliseconds,
  );

  test(
    'a scale is drift where Git leaves replicas to their default, though the server tells nobody as its author',
    async () => {
      const silent = object('apps/v1', 'Deployment', 'silent', {
        spec: {
          selector: { matchLabels: { app: 'silent' } },
          template: {
            metadata: { labels: { app: 'silent' } },
            spec: { containers: [{ name: 'app', image: 'registry.example.com/silent:1' }] },
          },
        },
      });
      await writers.apply(silent, deployer);
      await writers.scale(silent, 3, 'kubectl');
      const found = brief(await compare(cluster, [...declared, silent]));
      await writers.remove(silent);
      expect(found).toEqual(['changed Deployment shop/silent /spec/replicas rewritten -']);
    },
    testDeadlineMilliseconds,
  );

  test(
    'what a foreign webhook adds is silent, what it overrides is drift that blames no person',
    async () => {
      const foreign = await startForeignWebhook(cluster, [
        { op: 'add', path: '/metadata/labels', value: { touched: 'yes' } },
        { op: 'replace', path: '/spec/sessionAffinity', value: 'ClientIP' },
      ]);
      try {
        const stated = object('v1', 'Service', 'cart', {
          spec: { ...(service['spec'] as JsonObject), sessionAffinity: 'None' },
        });
        const lines = await waitFor('the webhook changing a Service', 60_000, async () => {
          await writers.remove(service);
          await writers.apply(stated, deployer);
          const found = brief(
            await compare(cluster, [...declared.filter((one) => one !== service), stated]),
          );
          return found.length > 0 ? found : undefined;
        });
        expect(lines).toEqual([
          'changed Service shop/cart /spec/sessionAffinity not-applied argocd-controller',
        ]);
      } finally {
        await foreign.stop();
      }
    },
    testDeadlineMilliseconds,
  );

  test(
    'what our own gate fills in is subtracted',
    async () => {
      const gate = await startGate(cluster, { config: gateConfig });
      await gate.waitUntilReady();
      await gate.register();
      const bare: JsonObject = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'bare', namespace: 'shop', labels: { app: 'cart' } },
        spec: { containers: [{ name: 'app', image: 'registry.example.com/cart:1' }] },
      };
      const bounded = object('networking.istio.io/v1', 'DestinationRule', 'cart', {
        spec: {
          host: 'cart.shop.svc.cluster.local',
          trafficPolicy: { connectionPool: { tcp: { maxConnectionDuration: '60s' } } },
        },
      });
      await writers.apply(bounded, deployer);
      try {
        const filled = await waitFor('the gate filling in', 60_000, async () => {
          await cluster.api.send('DELETE', `${await writers.pathOf(bare)}?gracePeriodSeconds=0`);
          await writers.apply(bare, deployer);
          const text = JSON.stringify(await writers.live(bare));
          return text.includes('meshgate.dev/filled') ? text : undefined;
        });
        expect(filled).toContain('terminationGracePeriodSeconds');
        const others = declared.filter((one) => one !== connections);
        expect(brief(await compare(cluster, [...others, bounded, bare]))).toEqual([]);
      } finally {
        await unregisterGate(cluster);
        await gate.stop();
        await cluster.api.send('DELETE', `${await writers.pathOf(bare)}?gracePeriodSeconds=0`);
      }
    },
    testDeadlineMilliseconds,
  );

  test(
    'dry-run gives the same verdicts by what the API server would store',
    async () => {
      expect(brief(await compare(cluster, declared, { dryRun: 'all' }))).toEqual([]);
      await writers.edit(routes, (live) => withWeights(live, 50, 50));
      expect(brief(await compare(cluster, declared, { dryRun: 'all' }))).toEqual([
        'changed VirtualService shop/cart /spec/http/0/route/0/weight changed kubectl-edit',
        'changed VirtualService shop/cart /spec/http/0/route/1/weight changed kubectl-edit',
      ]);
      const live = await writers.live(routes);
      expect(JSON.stringify(live)).not.toContain('meshgate-drift');
    },
    testDeadlineMilliseconds,
  );

  test(
    'reads with the rights that are shipped, and names the rule that is missing',
    async () => {
      for (const one of objectsIn(readerManifest)) {
        expect((await writers.apply(one, 'kubectl')).status).toBeLessThan(300);
      }
      const user = await cluster.authority.issue({
        commonName: 'function',
        organization: 'meshgate-drift-readers',
      });
      const kubeconfigPath = join(cluster.processes.folder, 'reader.json');
      writeFileSync(
        kubeconfigPath,
        createKubeConfig(cluster.url, cluster.caPem, user).exportConfig(),
      );
      // The authorizer hears of rights some moments after they were stored.
      let whole = await compare(cluster, declared, { kubeconfigPath });
      await waitFor('the rights being seen', 60_000, async () => {
        whole = await compare(cluster, declared, { kubeconfigPath });
        return whole.unknown.length === 0 ? true : undefined;
      }).catch(() => undefined);
      expect({ drifts: brief(whole), unknown: whole.unknown }).toEqual({ drifts: [], unknown: [] });

      const transport = openCluster(kubeconfigPath);
      const { signal } = new AbortController();
      for (const path of ['/api/v1/secrets', '/api/v1/namespaces/shop/secrets']) {
        await expect(transport.send({ method: 'GET', path }, signal)).rejects.toThrow('403');
      }

      const role = objectsIn(readerManifest).find((one) => one['kind'] === 'ClusterRole');
      const rules = role?.['rules'] as readonly { readonly apiGroups: readonly string[] }[];
      await writers.apply(
        {
          ...role,
          rules: rules.map((rule) => ({
            ...rule,
            apiGroups: rule.apiGroups.filter((group) => group !== 'security.istio.io'),
          })),
        },
        'kubectl',
      );
      const partly = await waitFor('the right being gone', 60_000, async () => {
        const report = await compare(cluster, declared, { kubeconfigPath });
        return report.verdict === 'undetermined' ? report : undefined;
      });
      expect(brief(partly)).toEqual([]);
      expect(partly.inSync).toHaveLength(declared.length - 1);
      expect(JSON.stringify(partly.unknown)).toContain(
        String.raw`grant {apiGroups: [\"security.istio.io\"], resources: [\"peerauthentications\"], verbs: [\"get\", \"list\"]}`,
      );
    },
    testDeadlineMilliseconds,
  );

  test(
    'goes on after the API server restarted in the middle of a list',
    async () => {
      const names = Array.from({ length: 1200 }, (_, index) => `entry-${String(index)}`);
      const collection = '/api/v1/namespaces/default/configmaps';
      const waiting = names.values();
      const workers = Array.from({ length: 16 }, async () => {
        for (const name of waiting) {
          await cluster.api.must('POST', collection, { metadata: { name } });
        }
      });
      await Promise.all(workers);
      const reader = createReader({
        transport: openCluster(cluster.kubeconfigPath),
        signal: AbortSignal.timeout(testDeadlineMilliseconds),
        patienceMilliseconds: 60_000,
      });
      const seen = new Set<string>();
      const wanted = [{ apiVersion: 'v1', kind: 'ConfigMap' }];
      let restart: Promise<void> | undefined;
      for await (const kind of clusterLive('test', reader).kinds(wanted)) {
        for await (const live of 'objects' in kind ? kind.objects : []) {
          restart ??= cluster.restartApiServer();
          seen.add((live['metadata'] as { readonly name: string }).name);
        }
      }
      await restart;
      expect(names.filter((name) => !seen.has(name))).toEqual([]);
    },
    testDeadlineMilliseconds,
  );
});

function withWeights(live: JsonObject, ...weights: readonly number[]): JsonObject {
  const text = JSON.stringify(live);
  let index = 0;
  return JSON.parse(
    text.replaceAll(/"weight":\d+/gu, () => `"weight":${String(weights[index++ % 2])}`),
  ) as JsonObject;
}
