import { readFileSync } from 'node:fs';
import { loadAll } from 'js-yaml';
import { readTestEnvironment } from '../environment.ts';
import { findShared } from '../shared.ts';
import { freePorts } from './ports.ts';
import type { RunningProcess } from './processes.ts';
import type { Cluster } from './start.ts';
import { GivenUp, waitFor } from './wait.ts';

/** What istiod is made of: the program, and the objects of its chart. */
export interface IstiodParts {
  readonly program: string;
  readonly manifest: string;
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly webhooks?: readonly Webhook[];
}

interface Webhook {
  readonly name: string;
  readonly clientConfig: { readonly service?: { readonly path?: string }; readonly url?: string };
  readonly objectSelector?: unknown;
  readonly failurePolicy?: string;
}

interface IstiodPorts {
  readonly webhooks: number;
  readonly http: number;
  readonly monitoring: number;
  readonly grpc: number;
  readonly secureGrpc: number;
}

/** Collections of the kinds that istiod needs; its Deployment and rights are replaced by this process and its user. */
const collections: Readonly<Record<string, string>> = {
  ConfigMap: '/api/v1/namespaces/istio-system/configmaps',
  MutatingWebhookConfiguration:
    '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
  ValidatingWebhookConfiguration:
    '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
};

const readyDeadlineMilliseconds = 120_000;
const probeNamespace = 'istiod-probe';

/** Finds what istiod is made of, or says what is missing. */
export function findIstiod(): IstiodParts | { readonly missing: string } {
  const program = readTestEnvironment().istioOracle;
  if (program === undefined) return { missing: 'ISTIO_ORACLE names no Istio binary' };
  const manifest = findShared('data', 'istio-install', 'istiod.yaml');
  return 'missing' in manifest ? manifest : { program, manifest: manifest.path };
}

/**
 * Starts istiod once in a cluster, with which it also ends, and waits until it injects and validates. It makes proxies native sidecars unless
 * `nativeSidecars` is false or a Pod is annotated `sidecar.istio.io/nativeSidecar`.
 */
export async function startIstiod(
  cluster: Cluster,
  options: { readonly nativeSidecars?: boolean } = {},
): Promise<RunningProcess> {
  const parts = findIstiod();
  if ('missing' in parts) throw new Error(parts.missing);
  const ports = await choosePorts();
  await cluster.createNamespace('istio-system');
  await cluster.createNamespace(probeNamespace, { 'istio-injection': 'enabled' });
  for (const manifest of withDefaultValidator(readManifests(parts.manifest))) {
    const collection = collections[manifest.kind] ?? '';
    await cluster.api.must('POST', collection, withLocalWebhooks(manifest, ports.webhooks));
  }
  const running = await cluster.processes.start({
    name: 'istiod',
    path: parts.program,
    args: istiodArguments(cluster.kubeconfigPath, ports),
    variables: istiodVariables(options.nativeSidecars ?? true),
  });
  await waitUntilReady(cluster, running);
  return running;
}

async function choosePorts(): Promise<IstiodPorts> {
  const [webhooks = 0, http = 0, monitoring = 0, grpc = 0, secureGrpc = 0] = await freePorts(5);
  return { webhooks, http, monitoring, grpc, secureGrpc };
}

function readManifests(path: string): readonly Manifest[] {
  const documents = loadAll(readFileSync(path, 'utf8')) as (Manifest | null)[];
  return documents.flatMap((document) =>
    document !== null && document.kind in collections ? [document] : [],
  );
}

/**
 * Adds what Istio's base chart installs beside istiod's: the validator of objects that name no revision.
 */
function withDefaultValidator(manifests: readonly Manifest[]): readonly Manifest[] {
  const unlabelled = { matchExpressions: [{ key: 'istio.io/rev', operator: 'DoesNotExist' }] };
  const validators = manifests
    .filter(({ kind }) => kind === 'ValidatingWebhookConfiguration')
    .map(({ kind, metadata, webhooks = [] }) => ({
      kind,
      metadata: { ...metadata, name: 'istiod-default-validator' },
      webhooks: webhooks.map((webhook) => ({
        ...webhook,
        name: 'validation.istio.io',
        objectSelector: unlabelled,
      })),
    }));
  return [...manifests, ...validators];
}

/** There is no cluster network, so webhooks are called by URL. */
function withLocalWebhooks(manifest: Manifest, port: number): Manifest {
  if (manifest.webhooks === undefined) return manifest;
  const webhooks = manifest.webhooks.map((webhook) => {
    const { service, ...rest } = webhook.clientConfig;
    const url = `https://localhost:${port}${service?.path ?? '/'}`;
    return { ...webhook, clientConfig: { ...rest, url } };
  });
  return { ...manifest, webhooks };
}

function istiodArguments(kubeconfig: string, ports: IstiodPorts): readonly string[] {
  return [
    'istiod',
    'discovery',
    `--kubeconfig=${kubeconfig}`,
    `--httpsAddr=127.0.0.1:${ports.webhooks}`,
    `--httpAddr=127.0.0.1:${ports.http}`,
    `--monitoringAddr=127.0.0.1:${ports.monitoring}`,
    `--grpcAddr=127.0.0.1:${ports.grpc}`,
    `--secureGRPCAddr=127.0.0.1:${ports.secureGrpc}`,
    '--ctrlz_port=0',
    '--domain=cluster.local',
  ];
}

function istiodVariables(nativeSidecars: boolean): Readonly<Record<string, string>> {
  return {
    ISTIOD_CUSTOM_HOST: 'localhost',
    REVISION: 'default',
    POD_NAME: 'istiod-0',
    POD_NAMESPACE: 'istio-system',
    CLUSTER_ID: 'Kubernetes',
    PILOT_CERT_PROVIDER: 'istiod',
    INJECTION_WEBHOOK_CONFIG_NAME: 'istio-sidecar-injector',
    ENABLE_NATIVE_SIDECARS: String(nativeSidecars),
  };
}

async function waitUntilReady(cluster: Cluster, running: RunningProcess): Promise<void> {
  const wait = (what: string, ask: () => Promise<boolean>): Promise<true> =>
    waitFor(what, readyDeadlineMilliseconds, async () => {
      const ended = running.ended();
      if (ended !== undefined) throw new GivenUp(`istiod ${ended}\n${running.log()}`);
      return (await ask()) ? true : undefined;
    });
  await wait('istiod validating', () => isValidating(cluster));
  await wait('istiod injecting a proxy', () => injects(cluster));
}

/** istiod sets the policy to Fail once it has seen the API server reject an object in its name. */
async function isValidating(cluster: Cluster): Promise<boolean> {
  const path = collections['ValidatingWebhookConfiguration'] ?? '';
  const { items } = (await cluster.api.must('GET', path)) as {
    readonly items: readonly Manifest[];
  };
  const istios = items.filter(({ metadata }) => metadata.name.startsWith('istio'));
  const webhooks = istios.flatMap((item) => item.webhooks ?? []);
  return webhooks.every(({ failurePolicy }) => failurePolicy === 'Fail');
}

async function injects(cluster: Cluster): Promise<boolean> {
  const pod = {
    metadata: { name: 'probe' },
    spec: { containers: [{ name: 'app', image: 'app' }] },
  };
  const path = `/api/v1/namespaces/${probeNamespace}/pods?dryRun=All`;
  return JSON.stringify(await cluster.api.must('POST', path, pod)).includes('"istio-proxy"');
}
