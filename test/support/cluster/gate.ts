import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadAll } from 'js-yaml';
import { createApi } from './api.ts';
import type { Api, ApiAnswer } from './api.ts';
import { freePorts } from './ports.ts';
import type { RunningProcess } from './processes.ts';
import type { Cluster } from './start.ts';
import { GivenUp, waitFor } from './wait.ts';

/** Where a gate can be started: a test cluster, or processes and an authority without one. */
export type GatePlace = Pick<Cluster, 'authority' | 'caPem' | 'processes'>;

/** How the admission gate of a test is started. */
export interface GateOptions {
  /** Where its mesh comes from: arguments such as `--kubeconfig FILE` or `--mesh PATH`. */
  readonly source: readonly string[];
  /** Text of `meshgate.yaml`; the defaults without it. */
  readonly config?: string;
}

/** `meshgate serve` as a process, which ends with its place. */
export interface ServingGate {
  readonly url: string;
  /** Calls it, as the API server does or as a scraper does: `/readyz`, `/metrics`. */
  readonly send: Api['send'];
  /** The arguments by which the command line reads the same configuration. */
  readonly configArguments: readonly string[];
  /** Waits until it has read its mesh. */
  waitUntilReady(): Promise<void>;
  /** The end of its log. */
  log(): string;
  stop(): Promise<void>;
}

/** A gate that follows a test cluster. */
export interface Gate extends ServingGate {
  /** Registers what `meshgate webhook-configuration` prints, and waits until the API server calls it. */
  register(): Promise<void>;
}

interface Configuration {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/** The entry point of the command line, run from source. */
const meshgateProgram = fileURLToPath(new URL('../../../cli/main.ts', import.meta.url));

const collections: Readonly<Record<string, string>> = {
  MutatingWebhookConfiguration:
    '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
  ValidatingWebhookConfiguration:
    '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
};
const deadlineMilliseconds = 60_000;
const run = promisify(execFile);

/** Starts a gate on a free port of 127.0.0.1, and waits until it answers, which it does before it is ready. */
export async function startServing(place: GatePlace, options: GateOptions): Promise<ServingGate> {
  const [port = 0] = await freePorts(1);
  const url = `https://127.0.0.1:${port}`;
  const leaf = await place.authority.issue({ commonName: 'meshgate', addresses: ['127.0.0.1'] });
  const file = (name: string, text: string): string => {
    const path = join(place.processes.folder, `${port}-${name}`);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const configArguments =
    options.config === undefined ? [] : ['--config', file('config', options.config)];
  const running = await place.processes.start({
    name: 'meshgate',
    path: process.execPath,
    args: [
      meshgateProgram,
      'serve',
      `--port=${port}`,
      '--shutdown-delay=0',
      '--tls-cert',
      file('certificate', leaf.certificate),
      '--tls-key',
      file('key', leaf.key),
      ...options.source,
      ...configArguments,
    ],
  });
  const api = createApi(url, place.caPem, leaf);
  const answers = (path: string): Promise<void> =>
    waitForAnswer(running, () => api.send('GET', path));
  await answers('/healthz');
  return {
    url,
    send: api.send,
    configArguments,
    waitUntilReady: () => answers('/readyz'),
    log: () => running.log(),
    async stop() {
      api.close();
      await running.stop();
    },
  };
}

/** Starts a gate that follows a cluster, by its own kubeconfig unless another one is named. */
export async function startGate(
  cluster: Cluster,
  options: { readonly config?: string; readonly kubeconfigPath?: string } = {},
): Promise<Gate> {
  const { kubeconfigPath = cluster.kubeconfigPath, ...rest } = options;
  const source = ['--kubeconfig', kubeconfigPath];
  const serving = await startServing(cluster, { source, ...rest });
  return {
    ...serving,
    async register() {
      const authority = join(cluster.processes.folder, 'webhook-authority.pem');
      writeFileSync(authority, cluster.caPem);
      const address = [`--url=${serving.url}`, '--ca-file', authority];
      const args = ['webhook-configuration', ...address, ...serving.configArguments];
      const { stdout } = await run(process.execPath, [meshgateProgram, ...args]);
      for (const document of loadAll(stdout) as Configuration[]) await replace(cluster, document);
      await waitUntilCalled(cluster, serving);
    },
  };
}

/** Takes the gate's webhook configurations out of a cluster. */
export async function unregisterGate(cluster: Cluster): Promise<void> {
  for (const collection of Object.values(collections)) {
    await cluster.api.must('DELETE', `${collection}?labelSelector=app.kubernetes.io/name=meshgate`);
  }
}

async function waitForAnswer(
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
async function waitUntilCalled(cluster: Cluster, { send }: ServingGate): Promise<void> {
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
