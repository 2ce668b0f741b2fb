import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { findClusterBinaries } from '../binaries.ts';
import type { ClusterBinaries } from '../binaries.ts';
import { createApi } from './api.ts';
import type { Api } from './api.ts';
import { createAuthority, createSigningKeys } from './certificates.ts';
import type { Authority, KeyPair } from './certificates.ts';
import { apiServerCommand, controllerManagerCommand, etcdCommand } from './commands.ts';
import type { ClusterFiles, ClusterPorts } from './commands.ts';
import { installCrds } from './crds.ts';
import { createKubeConfig } from './kubeconfig.ts';
import { freePorts } from './ports.ts';
import { createProcessGroup } from './processes.ts';
import type { ProcessGroup, RunningProcess } from './processes.ts';
import { GivenUp, waitFor } from './wait.ts';

/** How a test cluster is started. */
export interface ClusterOptions {
  /** Install Istio's and Gateway API's kinds; true unless told otherwise. */
  readonly crds?: boolean;
  /** Added to kube-apiserver's arguments. */
  readonly apiServerArguments?: readonly string[];
}

/** A real API server with real controllers and no nodes: Pods are admitted and stored, and never run. */
export interface Cluster {
  readonly url: string;
  readonly caPem: string;
  readonly kubeconfigPath: string;
  /** Configuration of `@kubernetes/client-node` for the group system:masters. */
  readonly adminClient: KubeConfig;
  /** The same user without a client library in between: raw JSON and headers. */
  readonly api: Api;
  readonly processes: ProcessGroup;
  /** Issues further certificates, such as a webhook's: its CA is `caPem`. */
  readonly authority: Authority;
  /** Creates a namespace and waits for its ServiceAccount `default`, without which no Pod is admitted. */
  createNamespace(name: string, labels?: Readonly<Record<string, string>>): Promise<void>;
  /** All that the API server has written to its log. */
  apiServerLog(): string;
  /** Stops the API server, and starts it again on the same port with the same data. */
  restartApiServer(): Promise<void>;
  /** Ends every process of the cluster and removes its folder. */
  stop(): Promise<void>;
}

const readyDeadlineMilliseconds = 100_000;
const attempts = 3;

/**
 * Starts etcd, kube-apiserver and kube-controller-manager on free ports of 127.0.0.1, each with data,
 * certificates and logs in a temporary folder. An error quotes the end of the logs, and leaves nothing behind.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const binaries = findClusterBinaries();
  if ('missing' in binaries) throw new Error(binaries.missing);
  for (let attempt = 1; ; attempt += 1) {
    const processes = createProcessGroup();
    try {
      return await start(processes, binaries, options);
    } catch (error) {
      const logs = processes.logs();
      await processes.stop();
      // Another process may have taken a port between the choice and its use.
      if (attempt < attempts && logs.includes('address already in use')) continue;
      throw new Error(`the test cluster did not start\n${logs}`, { cause: error });
    }
  }
}

async function start(
  processes: ProcessGroup,
  binaries: ClusterBinaries,
  options: ClusterOptions,
): Promise<Cluster> {
  const ports = await choosePorts();
  const authority = await createAuthority('meshgate test cluster');
  const admin = await authority.issue({ commonName: 'admin', organization: 'system:masters' });
  const url = `https://127.0.0.1:${ports.apiServer}`;
  const adminClient = createKubeConfig(url, authority.pem, admin);
  const files = await writeFiles(processes.folder, authority, adminClient);
  const api = createApi(url, authority.pem, admin);
  const etcd = await processes.start(etcdCommand(binaries.etcd, files, ports));
  const more = options.apiServerArguments ?? [];
  const startApiServer = async (): Promise<RunningProcess> => {
    const started = await processes.start(apiServerCommand(binaries.apiserver, files, ports, more));
    await waitFor('kube-apiserver being ready', readyDeadlineMilliseconds, async () => {
      throwIfEnded(etcd, started);
      return (await api.send('GET', '/readyz')).status === 200 ? true : undefined;
    });
    return started;
  };
  let apiServer = await startApiServer();
  await processes.start(controllerManagerCommand(binaries.controllerManager, files, ports));
  if (options.crds !== false) await installCrds(api, binaries.crds);
  await waitForServiceAccount(api, 'default');
  return {
    url,
    caPem: authority.pem,
    kubeconfigPath: files.kubeconfig,
    adminClient,
    api,
    processes,
    authority,
    async createNamespace(name, labels = {}) {
      await api.must('POST', '/api/v1/namespaces', { metadata: { name, labels } });
      await waitForServiceAccount(api, name);
    },
    apiServerLog: () => readFileSync(join(processes.folder, 'kube-apiserver.log'), 'utf8'),
    async restartApiServer() {
      await apiServer.stop();
      apiServer = await startApiServer();
    },
    async stop() {
      api.close();
      await processes.stop();
    },
  };
}

async function choosePorts(): Promise<ClusterPorts> {
  const [etcdClient = 0, etcdPeer = 0, apiServer = 0, controllerManager = 0] = await freePorts(4);
  return { etcdClient, etcdPeer, apiServer, controllerManager };
}

async function writeFiles(
  folder: string,
  authority: Authority,
  adminClient: KubeConfig,
): Promise<ClusterFiles> {
  const serving = await authority.issue({
    commonName: 'kube-apiserver',
    dnsNames: ['localhost', 'kubernetes.default.svc'],
    addresses: ['127.0.0.1'],
  });
  const signing = await createSigningKeys();
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  mkdirSync(join(folder, 'etcd'), { mode: 0o700 });
  return {
    ...writeServing(write, serving),
    etcdData: join(folder, 'etcd'),
    authority: write('ca.pem', authority.pem),
    signingKey: write('service-account-key.pem', signing.privatePem),
    verifyingKey: write('service-account.pem', signing.publicPem),
    kubeconfig: write('kubeconfig.json', adminClient.exportConfig()),
  };
}

function writeServing(
  write: (name: string, text: string) => string,
  serving: KeyPair,
): Pick<ClusterFiles, 'servingCertificate' | 'servingKey'> {
  return {
    servingCertificate: write('serving.pem', serving.certificate),
    servingKey: write('serving-key.pem', serving.key),
  };
}

async function waitForServiceAccount(api: Api, namespace: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
  await waitFor(`ServiceAccount ${namespace}/default`, readyDeadlineMilliseconds, async () =>
    (await api.send('GET', path)).status === 200 ? true : undefined,
  );
}

function throwIfEnded(...running: readonly RunningProcess[]): void {
  for (const one of running) {
    const ended = one.ended();
    if (ended !== undefined) throw new GivenUp(`${one.name} ${ended}`);
  }
}
