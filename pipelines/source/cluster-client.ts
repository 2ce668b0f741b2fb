import { existsSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { KubeConfig } from '@kubernetes/client-node';

/** The API server answered with a status that is not 2xx. */
export class ApiStatusError extends Error {
  readonly status: number;

  constructor(status: number, path: string) {
    super(`the API server answered ${String(status)} to GET ${path}`);
    this.name = 'ApiStatusError';
    this.status = status;
  }
}

/** Reading access to an API server; paths begin with `/`. Both reject with {@link ApiStatusError} or a network error. */
export interface ClusterClient {
  readonly server: string;
  get(path: string, signal: AbortSignal): Promise<unknown>;
  /** Calls back for each line of an answer that goes on; resolves when the server ends it. */
  lines(path: string, signal: AbortSignal, onLine: (line: string) => void): Promise<void>;
}

/** The credentials of a Pod, which tell that this process runs in a cluster. */
export const serviceAccountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token';
const answerMilliseconds = 60_000;
const keepAliveMilliseconds = 30_000;

/**
 * A client for the cluster that a kubeconfig names, or for the one that this process runs in. Throws with what is
 * wrong where there is neither.
 */
export function connectCluster(kubeconfig: string | undefined): ClusterClient {
  const config = new KubeConfig();
  if (kubeconfig !== undefined) {
    config.loadFromFile(kubeconfig);
  } else if (existsSync(serviceAccountToken)) {
    config.loadFromCluster();
  } else {
    throw new Error(
      'this is not a Pod in a cluster: name one with --kubeconfig, or files with --mesh',
    );
  }
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) {
    throw new Error(`${kubeconfig ?? 'the service account'} names no current cluster`);
  }
  return {
    server,
    async get(path, signal) {
      const timeout = AbortSignal.timeout(answerMilliseconds);
      const response = await send(config, server, path, AbortSignal.any([signal, timeout]));
      return JSON.parse(await text(response)) as unknown;
    },
    async lines(path, signal, onLine) {
      const response = await send(config, server, path, signal);
      for await (const line of createInterface({ input: response, crlfDelay: Infinity })) {
        onLine(line);
      }
      if (!response.complete) {
        throw new Error(`the answer to GET ${path} was cut off`);
      }
    },
  };
}

async function send(
  config: KubeConfig,
  server: string,
  path: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const options: RequestOptions = { headers: { Accept: 'application/json' } };
  await config.applyToHTTPSOptions(options);
  const url = new URL(server.replace(/\/+$/u, '') + path);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const start = url.protocol === 'http:' ? httpRequest : httpsRequest;
  const request = start(url, { ...options, signal }, resolve);
  request.on('socket', (socket) => socket.setKeepAlive(true, keepAliveMilliseconds));
  request.on('error', reject);
  request.end();
  const response = await promise;
  const status = response.statusCode ?? 0;
  if (status < 200 || status > 299) {
    response.resume();
    throw new ApiStatusError(status, path);
  }
  response.on('error', () => undefined);
  return response;
}
