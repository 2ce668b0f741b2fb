import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createApi } from '../../test/support/cluster/api.ts';
import { freePorts } from '../../test/support/cluster/ports.ts';
import type { Cluster } from '../../test/support/cluster/start.ts';
import { GivenUp, waitFor } from '../../test/support/cluster/wait.ts';
import { peprModule } from './pepr-module.ts';

const deadlineMilliseconds = 120_000;
const secretPath = 'bench';
const storeKind = {
  metadata: { name: 'peprstores.pepr.dev' },
  spec: {
    group: 'pepr.dev',
    scope: 'Namespaced',
    names: { kind: 'PeprStore', plural: 'peprstores', singular: 'peprstore' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { data: { type: 'object', additionalProperties: { type: 'string' } } },
          },
        },
      },
    ],
  },
};

/** Starts Pepr, installed in a folder, with a policy like ours, and has the API server ask it in the namespace `peer`. */
export async function startPepr(cluster: Cluster, folder: string): Promise<void> {
  await cluster.api.must(
    'POST',
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    storeKind,
  );
  await cluster.createNamespace('pepr-system');
  await cluster.createNamespace('peer');
  const [port = 0] = await freePorts(1);
  const leaf = await cluster.authority.issue({ commonName: 'pepr', addresses: ['127.0.0.1'] });
  const file = (name: string, text: string): string => {
    const path = join(cluster.processes.folder, `pepr-${name}`);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const running = await cluster.processes.start({
    name: 'pepr',
    path: process.execPath,
    args: [file('module.cjs', peprModule), join(folder, 'node_modules/pepr'), String(port)],
    variables: {
      KUBECONFIG: cluster.kubeconfigPath,
      PEPR_API_PATH: secretPath,
      PEPR_WATCH_MODE: 'false',
      SSL_CERT_PATH: file('certificate', leaf.certificate),
      SSL_KEY_PATH: file('key', leaf.key),
    },
  });
  const url = `https://127.0.0.1:${String(port)}`;
  const api = createApi(url, cluster.caPem, leaf);
  await waitFor('Pepr answering', deadlineMilliseconds, async () => {
    const ended = running.ended();
    if (ended !== undefined) throw new GivenUp(`Pepr ${ended}\n${running.log()}`);
    return (await api.send('GET', '/healthz')).status === 200 ? true : undefined;
  });
  api.close();
  await register(cluster, url);
}

async function register(cluster: Cluster, url: string): Promise<void> {
  const caBundle = Buffer.from(cluster.caPem).toString('base64');
  for (const [kind, path] of [
    ['mutatingwebhookconfigurations', 'mutate'],
    ['validatingwebhookconfigurations', 'validate'],
  ] as const) {
    await cluster.api.must('POST', `/apis/admissionregistration.k8s.io/v1/${kind}`, {
      metadata: { name: 'pepr' },
      webhooks: [
        {
          name: 'pepr.bench.example.com',
          clientConfig: { url: `${url}/${path}/${secretPath}`, caBundle },
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          failurePolicy: 'Fail',
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'peer' } },
          rules: [
            { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] },
          ],
        },
      ],
    });
  }
  const probe = {
    metadata: { name: 'probe' },
    spec: { containers: [{ name: 'probe', image: 'probe' }] },
  };
  await waitFor('the API server calling Pepr', deadlineMilliseconds, async () => {
    const { body } = await cluster.api.send(
      'POST',
      '/api/v1/namespaces/peer/pods?dryRun=All',
      probe,
    );
    return JSON.stringify(body).includes('"terminationGracePeriodSeconds":125') ? true : undefined;
  });
}
