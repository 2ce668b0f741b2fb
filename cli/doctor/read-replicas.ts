import { request } from 'node:https';
import { isIP } from 'node:net';
import { text } from 'node:stream/consumers';
import { listIn, numberIn, stringIn, type JsonObject } from '../../policies/core/json.ts';
import type { ReplicaState } from '../../webhooks/doctor/snapshot.ts';
import { describe, type ClusterReader } from './reader.ts';
import { readSamples } from './samples.ts';

/** Where the API server is told to call, when that is not a Service with Pods. */
export interface OutsideAddress {
  /** `https://host:port` */
  readonly origin: string;
  /** The name that the certificate must hold. */
  readonly serverName: string;
  /** PEM. */
  readonly authorities: string;
}

type Fetch = (path: string) => Promise<{ readonly status: number; readonly text: string }>;

const answerMilliseconds = 5000;

/** Each running Pod, asked through the API server; or the one address outside the cluster, asked as the API server does. */
export async function readReplicas(
  reader: ClusterReader,
  pods: readonly JsonObject[],
  outside: OutsideAddress | undefined,
): Promise<readonly ReplicaState[]> {
  if (outside !== undefined) {
    return [await readReplica(outside.origin, (path) => fetchOutside(outside, path))];
  }
  const running = pods.filter((pod) => stringIn(pod, 'status', 'phase') === 'Running');
  return Promise.all(
    running.map((pod) => {
      const name = stringIn(pod, 'metadata', 'name') ?? '';
      const namespace = stringIn(pod, 'metadata', 'namespace') ?? '';
      const proxy = `/api/v1/namespaces/${namespace}/pods/https:${name}:${String(portOf(pod))}/proxy`;
      return readReplica(name, (path) => reader.fetch(`${proxy}${path}`));
    }),
  );
}

async function readReplica(name: string, fetch: Fetch): Promise<ReplicaState> {
  const [readiness, metrics] = await Promise.all([fetch('/readyz'), fetch('/metrics')]);
  return {
    name,
    readiness: { ...readiness, text: readiness.text.trim() },
    metrics:
      metrics.status === 200
        ? { value: readSamples(metrics.text) }
        : { unread: `its metrics could not be read: ${metrics.text}` },
  };
}

function portOf(pod: JsonObject): number {
  const [container] = listIn(pod, 'spec', 'containers');
  const ports = listIn(container, 'ports');
  const named = ports.find((port) => stringIn(port, 'name') === 'webhook') ?? ports[0];
  return numberIn(named, 'containerPort') ?? 8443;
}

function fetchOutside(
  { origin, serverName, authorities }: OutsideAddress,
  path: string,
): ReturnType<Fetch> {
  const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<Fetch>>>();
  const options = {
    // An address is checked by itself; as a name it would not be permitted (RFC 6066).
    ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
    ca: authorities,
    timeout: answerMilliseconds,
  };
  const sent = request(new URL(path, origin), options, (response) => {
    text(response).then(
      (answer) => {
        resolve({ status: response.statusCode ?? 0, text: answer });
      },
      (error: unknown) => {
        resolve({ status: 0, text: describe(error) });
      },
    );
  });
  sent.on('timeout', () => sent.destroy(new Error('no answer in time')));
  sent.on('error', (error) => {
    resolve({ status: 0, text: describe(error) });
  });
  sent.end();
  return promise;
}
