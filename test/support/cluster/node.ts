import { renameSync, writeFileSync, mkdirSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { V1ConfigMap, V1Pod, V1PodList, V1Service } from '@kubernetes/client-node';
import type { UnpackedImage } from '../image.ts';
import { freePorts } from './ports.ts';
import type { RunningProcess } from './processes.ts';
import type { Cluster } from './start.ts';
import type { Balancer } from './upkeep.ts';

/** What stands in for nodes: it runs the Pods of one Deployment as processes of this machine. */
export interface Node {
  /** The Pods that run now, by name, with what they log. */
  logs(): ReadonlyMap<string, string>;
  stop(): Promise<void>;
}

/** What a node runs, and where calls of the Service come in. */
export interface NodeOptions {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly image: UnpackedImage;
  readonly balancer: Balancer;
}

interface RunningPod {
  readonly port: number;
  readonly configFolder: string;
  readonly process: RunningProcess;
  config: string;
  isReady: boolean;
}

const roundMilliseconds = 300;
const selector = 'labelSelector=app.kubernetes.io/name=meshgate';
const configMount = '/etc/meshgate/config';
const mergePatch = { 'content-type': 'application/merge-patch+json' };

/**
 * Starts a node. Each Pod becomes a process with the image's files and entry point, the Pod's arguments and environment,
 * the token of its ServiceAccount and its mounted ConfigMap; it gets its calls once its readiness probe answers, and a
 * signal when it is deleted. The Service stands for this machine, so that the API server calls it as one.
 */
export function startNode(options: NodeOptions): Node {
  const { cluster, namespace, balancer } = options;
  const running = new Map<string, RunningPod>();
  const ending: Promise<void>[] = [];
  const over = new AbortController();
  const collection = `/api/v1/namespaces/${namespace}`;

  async function round(): Promise<void> {
    await exposeService(cluster, collection);
    const { items } = (await cluster.api.must(
      'GET',
      `${collection}/pods?${selector}`,
    )) as V1PodList;
    for (const [name, pod] of running) {
      if (items.every(({ metadata }) => metadata?.name !== name)) {
        running.delete(name);
        if (pod.isReady) balancer.remove(pod.port);
        ending.push(pod.process.stop());
      }
    }
    for (const pod of items) {
      const name = pod.metadata?.name ?? '';
      const known = running.get(name);
      if (known === undefined) running.set(name, await startPod(options, pod));
      else await lookAfter(name, known);
    }
  }

  async function lookAfter(name: string, pod: RunningPod): Promise<void> {
    const config = await readConfig(cluster, collection);
    if (config !== undefined && config !== pod.config) {
      pod.config = config;
      mount(pod.configFolder, config);
    }
    const isReady = (await probe(pod.port)) === 200;
    if (isReady === pod.isReady) return;
    pod.isReady = isReady;
    if (isReady) balancer.add(pod.port);
    else balancer.remove(pod.port);
    await cluster.api.send(
      'PATCH',
      `${collection}/pods/${name}/status`,
      status(isReady),
      mergePatch,
    );
  }

  async function work(): Promise<void> {
    while (!over.signal.aborted) {
      // The namespace may not be there yet, or no more.
      await round().catch(() => undefined);
      await sleep(roundMilliseconds);
    }
  }
  const working = work();

  return {
    logs: () => new Map([...running].map(([name, pod]) => [name, pod.process.log()])),
    async stop() {
      over.abort();
      await working;
      await Promise.all([...ending, ...[...running.values()].map((pod) => pod.process.stop())]);
    },
  };
}

async function startPod(options: NodeOptions, pod: V1Pod): Promise<RunningPod> {
  const { cluster, image, namespace } = options;
  const name = pod.metadata?.name ?? '';
  const [container] = pod.spec?.containers ?? [];
  const [port = 0] = await freePorts(1);
  const folder = join(cluster.processes.folder, `pod-${name}`);
  const configFolder = join(folder, 'config');
  mkdirSync(configFolder, { recursive: true });
  const config = (await readConfig(cluster, `/api/v1/namespaces/${namespace}`)) ?? '';
  mount(configFolder, config);
  const [path, ...args] = image.command([
    ...(container?.args ?? []).map((arg) => arg.replace(configMount, configFolder)),
    `--port=${port}`,
    `--kubeconfig=${await writeKubeconfig(cluster, pod, folder)}`,
  ]);
  const variables = Object.fromEntries(
    (container?.env ?? []).map((one) => [one.name, one.value ?? fieldOf(pod, one.valueFrom)]),
  );
  const process = await cluster.processes.start({
    name: `meshgate-${name}`,
    path,
    args,
    variables: { ...image.variables, ...variables },
    stopDeadlineMilliseconds: 40_000,
  });
  return { port, configFolder, process, config, isReady: false };
}

function fieldOf(
  pod: V1Pod,
  source: { readonly fieldRef?: { readonly fieldPath: string } } | undefined,
): string {
  if (source?.fieldRef?.fieldPath !== 'metadata.name') throw new Error('not understood');
  return pod.metadata?.name ?? '';
}

/** A kubeconfig with a token of the Pod's ServiceAccount, and of nobody else. */
async function writeKubeconfig(cluster: Cluster, pod: V1Pod, folder: string): Promise<string> {
  const path = `/api/v1/namespaces/${pod.metadata?.namespace}/serviceaccounts/${pod.spec?.serviceAccountName}/token`;
  const made = (await cluster.api.must('POST', path, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 3600 },
  })) as { readonly status: { readonly token: string } };
  const file = join(folder, 'kubeconfig.json');
  const authority = Buffer.from(cluster.caPem).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'test', cluster: { server: cluster.url, 'certificate-authority-data': authority } },
    ],
    users: [{ name: 'pod', user: { token: made.status.token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'pod' } }],
    'current-context': 'test',
  };
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

/** As the kubelet does: the new file appears at once. */
function mount(folder: string, config: string): void {
  const unfinished = join(folder, '..unfinished');
  writeFileSync(unfinished, config);
  renameSync(unfinished, join(folder, 'meshgate.yaml'));
}

async function readConfig(cluster: Cluster, collection: string): Promise<string | undefined> {
  const { status: code, body } = await cluster.api.send('GET', `${collection}/configmaps/meshgate`);
  return code === 200 ? (body as V1ConfigMap).data?.['meshgate.yaml'] : undefined;
}

async function exposeService(cluster: Cluster, collection: string): Promise<void> {
  const path = `${collection}/services/meshgate`;
  const { status: code, body } = await cluster.api.send('GET', path);
  if (code !== 200 || (body as V1Service).spec?.type === 'ExternalName') return;
  const spec = {
    type: 'ExternalName',
    externalName: 'localhost',
    clusterIP: null,
    clusterIPs: null,
    ipFamilies: null,
    ipFamilyPolicy: null,
    internalTrafficPolicy: null,
  };
  await cluster.api.must('PATCH', path, { spec }, mergePatch);
}

/** The status of /readyz, asked as the kubelet asks: whoever made the certificate. */
function probe(port: number): Promise<number> {
  return new Promise((resolve) => {
    const options = { port, host: '127.0.0.1', path: '/readyz', rejectUnauthorized: false };
    const sent = request({ ...options, agent: false, timeout: 3000 }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', () => resolve(0));
    sent.on('timeout', () => sent.destroy());
    sent.end();
  });
}

function status(isReady: boolean): unknown {
  const conditions = ['Initialized', 'PodScheduled', 'ContainersReady', 'Ready'].map((type) => ({
    type,
    status: isReady || type === 'Initialized' || type === 'PodScheduled' ? 'True' : 'False',
    lastTransitionTime: new Date().toISOString(),
  }));
  return { status: { phase: 'Running', conditions } };
}
