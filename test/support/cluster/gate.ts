import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadAll } from 'js-yaml';
import { createApi } from './api.ts';
import type { ApiAnswer } from './api.ts';
import { freePorts } from './ports.ts';
import type { RunningProcess } from './processes.ts';
import type { Cluster } from './start.ts';
import { GivenUp, waitFor } from './wait.ts';

/** How the admission gate of a test is started. */
export interface GateOptions {
  /** Text of `meshgate.yaml`; the defaults without it. */
  readonly config?: string;
  /** Another way to the cluster than its own kubeconfig. */
  readonly kubeconfigPath?: string;
}

/** `meshgate serve` as a process that follows a test cluster, and ends with it. */
export interface Gate {
  /** Asks one of the paths that need no review: `/readyz`, `/metrics`. */
  get(path: string): Promise<ApiAnswer>;
  /** Waits until it has read the cluster. */
  waitUntilReady(): Promise<void>;
  /** Registers what `meshgate webhook-configuration` prints, and waits until the API server calls it. */
  register(failurePolicy?: 'Ignore' | 'Fail'): Promise<void>;
  /** The end of its log. */
  log(): string;
  stop(): Promise<void>;
}

interface Configuration {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/** The entry point of the command line, run from source. */
export const meshgateProgram = fileURLToPath(new URL('../../../cli/main.ts', import.meta.url));

const collections: Readonly<Record<string, string>> = {
  MutatingWebhookConfiguration:
    '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
  ValidatingWebhookConfiguration:
    '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
};
const deadlineMilliseconds = 30_000;
const run = promisify(execFile);

/** Starts the gate on a free port of 127.0.0.1, and waits until it answers, which it does before it is ready. */
export async function startGate(cluster: Cluster, options: GateOptions = {}): Promise<Gate> {
  const [port = 0] = await freePorts(1);
  const url = `https://127.0.0.1:${port}`;
  const leaf = await cluster.authority.issue({ commonName: 'meshgate', addresses: ['127.0.0.1'] });
  const file = (name: string, text: string): string => {
    const path = join(cluster.processes.folder, `${port}-${name}`);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const config = options.config === undefined ? [] : ['--config', file('config', options.config)];
  const running = await cluster.processes.start({
    name: 'meshgate',
    path: process.execPath,
    args: [
      meshgateProgram,
      'serve',
      `--port=${port}`,
      '--tls-cert',
      file('certificate', leaf.certificate),
      '--tls-key',
      file('key', leaf.key),
      '--kubeconfig',
      options.kubeconfigPath ?? cluster.kubeconfigPath,
      '--shutdown-delay=0',
      ...config,
    ],
  });
  const api = createApi(url, cluster.caPem, leaf);
  const answers = (path: string): Promise<void> =>
    waitForStatus(running, () => api.send('GET', path));
  await answers('/healthz');
  return {
    get: (path) => api.send('GET', path),
    waitUntilReady: () => answers('/readyz'),
    async register(failurePolicy = 'Ignore') {
      const authority = ['--ca-file', file('authority', cluster.caPem)];
      const policy = `--failure-policy=${failurePolicy}`;
      const args = ['webhook-configuration', `--url=${url}`, ...authority, ...config, policy];
      const { stdout } = await run(process.execPath, [meshgateProgram, ...args]);
      for (const document of loadAll(stdout) as Configuration[]) await replace(cluster, document);
      await waitUntilCalled(cluster, api.send);
    },
    log: () => running.log(),
    async stop() {
      api.close();
      await running.stop();
    },
  };
}

/** Takes the gate's webhook configurations out of a cluster. */
export async function unregisterGate(cluster: Cluster): Promise<void> {
  for (const collection of Object.values(collections)) {
    await cluster.api.must('DELETE', `${collection}?labelSelector=app.kubernetes.io/name=meshgate`);
  }
}

async function waitForStatus(
  running: RunningProcess,
  ask: () => Promise<ApiAnswer>,
): Promise<void> {
  await waitFor('the admission gate answering', deadlineMilliseconds, async () => {
    const ended = running.ended();
    if (ended !== undefined) throw new GivenUp(`meshgate ${ended}\n${running.log()}`);
    return (await ask()).status === 200 ? true : undefined;
  });
}

async function replace(cluster: Cluster, document: Configuration): Promise<void> {
  const collection = collections[document.kind] ?? '';
  await cluster.api.send('DELETE', `${collection}/${document.metadata.name}`);
  await cluster.api.must('POST', collection, document);
}

/** The API server takes a moment to notice a configuration; its calls show in the gate's metrics. */
async function waitUntilCalled(
  cluster: Cluster,
  send: (method: string, path: string) => Promise<ApiAnswer>,
): Promise<void> {
  const reviews = async (): Promise<readonly number[]> => {
    const { body } = await send('GET', '/metrics');
    return ['mutate', 'validate'].map((gate) => countOf(String(body), gate));
  };
  const before = await reviews();
  const probe = {
    metadata: { name: 'probe' },
    spec: { containers: [{ name: 'probe', image: 'probe' }] },
  };
  await waitFor('the API server calling the gate', deadlineMilliseconds, async () => {
    await cluster.api.must('POST', '/api/v1/namespaces/default/pods?dryRun=All', probe);
    const now = await reviews();
    return now.every((count, index) => count > (before[index] ?? 0)) ? true : undefined;
  });
}

function countOf(metrics: string, gate: string): number {
  let count = 0;
  for (const [, value] of metrics.matchAll(
    new RegExp(`^meshgate_admission_reviews_total\\{[^}]*gate="${gate}"[^}]*\\} (\\d+)`, 'gmu'),
  )) {
    count += Number(value);
  }
  return count;
}
