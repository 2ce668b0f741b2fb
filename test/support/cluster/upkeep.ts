import { connect, createServer, type Socket } from 'node:net';
import { startServing, type ServeOptions, type Serving } from '../../../cli/serve/start.ts';
import type { InClusterFlags } from '../../../cli/serve/in-cluster.ts';
import { catalogue } from '../../../policies/index.ts';
import { createLogger } from '../../../webhooks/admission/log.ts';
import type { UpkeepTimes } from '../../../webhooks/upkeep/options.ts';
import { send } from '../admission/gate-server.ts';
import type { Cluster } from './start.ts';
import { waitFor } from './wait.ts';

/** Where meshgate is, in every test of its upkeep. */
export const ownNamespace = 'meshgate-system';

/** The Service by which the API server calls meshgate. */
const serviceName = 'meshgate';

/** A place behind the Service, of which the API server knows one port. */
export interface Balancer {
  readonly port: number;
  /** Connections that came while nobody was there to take them. */
  readonly refused: number;
  add(port: number): void;
  remove(port: number): void;
  close(): Promise<void>;
}

/** Gives each new connection to one replica after another, as a Service does; open ones stay where they are. */
export async function startBalancer(): Promise<Balancer> {
  const ports: number[] = [];
  const sockets = new Set<Socket>();
  let turn = 0;
  let refused = 0;
  const server = createServer((incoming) => {
    turn += 1;
    const port = ports[turn % Math.max(ports.length, 1)];
    sockets.add(incoming);
    incoming.on('close', () => sockets.delete(incoming));
    incoming.on('error', () => undefined);
    if (port === undefined) {
      refused += 1;
      incoming.destroy();
      return;
    }
    const outgoing = connect({ host: '127.0.0.1', port });
    outgoing.on('error', () => incoming.destroy());
    outgoing.on('close', () => incoming.destroy());
    incoming.on('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
    outgoing.pipe(incoming);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    get refused() {
      return refused;
    },
    add: (port) => void ports.push(port),
    remove(port) {
      const index = ports.indexOf(port);
      if (index >= 0) ports.splice(index, 1);
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** How a replica is started where it is not as usual. */
export interface ReplicaOptions {
  readonly config?: string;
  readonly flags?: Partial<InClusterFlags>;
  readonly times?: UpkeepTimes;
  readonly kubeconfigPath?: string;
}

/** A replica in this process. */
export interface Replica {
  readonly serving: Serving;
  readonly port: number;
  readonly log: readonly Record<string, unknown>[];
  /** Gets a path, as a kubelet does: whatever the certificate. */
  call(path: string): Promise<{ readonly status: number; readonly body: string }>;
}

/** Makes the namespace, the Service (which is called as one in a cluster is) and the ClusterRole that owns what is made. */
export async function preparePlace(cluster: Cluster): Promise<void> {
  await cluster.createNamespace(ownNamespace);
  await cluster.api.must('POST', `/api/v1/namespaces/${ownNamespace}/services`, {
    metadata: { name: serviceName },
    spec: { type: 'ExternalName', externalName: 'localhost' },
  });
  await cluster.api.must('POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', {
    metadata: { name: serviceName },
    rules: [],
  });
}

/** Starts a replica that is called by way of a port. */
export async function startReplica(
  cluster: Cluster,
  servicePort: number,
  identity: string,
  options: ReplicaOptions = {},
): Promise<Replica> {
  const log: Record<string, unknown>[] = [];
  const logger = createLogger({
    write: (line: string) => void log.push(JSON.parse(line) as Record<string, unknown>),
  });
  const serve: ServeOptions = {
    port: 0,
    host: '127.0.0.1',
    tls: undefined,
    mesh: { paths: [], readInput: () => Promise.resolve(Buffer.alloc(0)) },
    kubeconfig: options.kubeconfigPath ?? cluster.kubeconfigPath,
    config: options.config,
    ownNamespace,
    tracing: undefined,
    clock: Date.now,
    inCluster: {
      service: { namespace: ownNamespace, name: serviceName, port: servicePort },
      lease: 'meshgate',
      identity,
      trust: { kind: 'secret', secret: 'meshgate-tls' },
      ownerClusterRole: serviceName,
      failurePolicy: undefined,
      selfProbe: { host: '127.0.0.1', port: servicePort },
      audit: { minutes: 0, reports: undefined },
      ...(options.times === undefined ? {} : { times: options.times }),
      ...options.flags,
    },
  };
  const serving = await startServing(serve, catalogue, logger);
  return {
    serving,
    port: serving.port,
    log,
    async call(path) {
      const agent = false;
      const target = { host: '127.0.0.1', port: serving.port, path, agent };
      const { status, text } = await send({ ...target, rejectUnauthorized: false });
      return { status, body: text };
    },
  };
}

/** Waits until a replica has said that it is ready. */
export async function waitUntilReady({ log }: Replica): Promise<void> {
  await waitFor('a replica being ready', 60_000, () =>
    Promise.resolve(log.some(({ msg }) => msg === 'ready') ? true : undefined),
  );
}
