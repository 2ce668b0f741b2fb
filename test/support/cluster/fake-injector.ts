import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { V1Pod } from '@kubernetes/client-node';
import type { Cluster } from './start.ts';
import { waitFor } from './wait.ts';

/** Stands in for Istio's sidecar injector under its real name, and remembers what it was shown. */
export interface FakeInjector {
  /** The Pods as they came, oldest first. */
  readonly seen: readonly V1Pod[];
  /** Takes the registration back, waits until the API server calls no more, and ends the server. */
  stop(): Promise<void>;
}

interface Review {
  readonly request: { readonly uid: string; readonly object: V1Pod };
}

const configurationPath = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

/** The name of Istio's own configuration, which decides its place in the order of webhooks. */
const injectorConfigurationName = 'istio-sidecar-injector';

/** Where Pods are tried, to learn whether the API server has noticed a registration or its end. */
const probeNamespace = 'injector-probe';
const noticeMilliseconds = 60_000;

/**
 * Registers an injector for the Pods of namespaces labelled `istio-injection=enabled`. Like Istio's it
 * runs once and adds a proxy (native: as a restartable init container) whose PROXY_CONFIG holds the
 * annotation `proxy.istio.io/config`.
 */
export async function startFakeInjector(
  cluster: Cluster,
  options: { readonly native?: boolean } = {},
): Promise<FakeInjector> {
  const seen: V1Pod[] = [];
  const serving = await cluster.authority.issue({
    commonName: 'fake-injector',
    dnsNames: ['localhost'],
    addresses: ['127.0.0.1'],
  });
  const server = createServer(
    { key: serving.key, cert: serving.certificate },
    (request, response) => {
      void readReview(request).then(({ request: { uid, object } }) => {
        seen.push(object);
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(answer(uid, object, options.native ?? true)));
      });
    },
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await cluster.createNamespace(probeNamespace, { 'istio-injection': 'enabled' });
  await cluster.api.must('POST', configurationPath, configuration(port, cluster.caPem));
  await waitUntilCalled(cluster, seen, true);
  seen.length = 0;
  return {
    seen,
    async stop() {
      await cluster.api.send('DELETE', `${configurationPath}/${injectorConfigurationName}`);
      await waitUntilCalled(cluster, seen, false);
      await cluster.api.send('DELETE', `/api/v1/namespaces/${probeNamespace}`);
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

/** The API server acts on a configuration some moments after it has stored it. */
async function waitUntilCalled(
  cluster: Cluster,
  seen: readonly V1Pod[],
  called: boolean,
): Promise<void> {
  const path = `/api/v1/namespaces/${probeNamespace}/pods?dryRun=All`;
  const probe = {
    metadata: { name: 'probe' },
    spec: { containers: [{ name: 'app', image: 'registry.example.com/app:1' }] },
  };
  await waitFor('the API server noticing the injector', noticeMilliseconds, async () => {
    const before = seen.length;
    await cluster.api.must('POST', path, probe);
    return seen.length > before === called ? true : undefined;
  });
}

async function readReview(request: IncomingMessage): Promise<Review> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Review;
}

function configuration(port: number, caPem: string): unknown {
  return {
    metadata: { name: injectorConfigurationName },
    webhooks: [
      {
        name: 'namespace.sidecar-injector.istio.io',
        clientConfig: {
          url: `https://127.0.0.1:${port}/inject`,
          caBundle: Buffer.from(caPem).toString('base64'),
        },
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        reinvocationPolicy: 'Never',
        namespaceSelector: { matchLabels: { 'istio-injection': 'enabled' } },
        rules: [
          { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] },
        ],
      },
    ],
  };
}

function answer(uid: string, pod: V1Pod, native: boolean): unknown {
  const patch = Buffer.from(JSON.stringify(injection(pod, native))).toString('base64');
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid, allowed: true, patchType: 'JSONPatch', patch },
  };
}

function injection(pod: V1Pod, native: boolean): readonly unknown[] {
  const annotations = pod.metadata?.annotations ?? {};
  const status = {
    initContainers: native ? ['istio-proxy'] : [],
    containers: native ? [] : ['istio-proxy'],
  };
  const proxy = {
    name: 'istio-proxy',
    image: 'istio/proxyv2:1.31.0',
    env: [{ name: 'PROXY_CONFIG', value: annotations['proxy.istio.io/config'] ?? '{}' }],
    ...(native ? { restartPolicy: 'Always' } : {}),
  };
  const list = native ? 'initContainers' : 'containers';
  return [
    {
      op: 'add',
      path: '/metadata/annotations',
      value: { ...annotations, 'sidecar.istio.io/status': JSON.stringify(status) },
    },
    { op: 'add', path: `/spec/${list}`, value: [...(pod.spec?.[list] ?? []), proxy] },
  ];
}
