import { existsSync } from 'node:fs';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https';
import { text } from 'node:stream/consumers';
import { KubeConfig } from '@kubernetes/client-node';
import { stringIn } from '../../policies/core/json.ts';
import type { TokenSource } from './cluster-eks.ts';

/** The API server answered with a status that is not 2xx. */
export class ApiStatusError extends Error {
  readonly status: number;
  /** Its own word for it, such as `AlreadyExists`; '' where it gave none. */
  readonly reason: string;
  /** What it said of it; '' where it said nothing. */
  readonly detail: string;
  /** How long it asks to wait, in milliseconds. */
  readonly retryAfterMilliseconds: number | undefined;

  constructor(status: number, request: string, answer?: unknown, retryAfter?: string) {
    const detail = stringIn(answer, 'message') ?? '';
    super(
      `the API server answered ${String(status)} to ${request}${detail === '' ? '' : `: ${detail}`}`,
    );
    this.name = 'ApiStatusError';
    this.status = status;
    this.reason = stringIn(answer, 'reason') ?? '';
    this.detail = detail;
    const seconds = Number(retryAfter ?? Number.NaN);
    this.retryAfterMilliseconds = seconds >= 0 ? seconds * 1000 : undefined;
  }
}

/** One request to an API server; the path begins with `/`. */
export interface ClusterRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** In which form the answer is wanted; plain JSON unless told otherwise. */
  readonly accept?: string;
  /** One of many reads in a row: it may go over a connection that another one has left. */
  readonly sharesConnection?: boolean;
  readonly body?: { readonly type: string; readonly text: string };
}

/** Sends requests to one API server with the credentials that belong to it. */
export interface ClusterTransport {
  readonly server: string;
  /** Rejects with {@link ApiStatusError} where the answer is not 2xx, or with a network error. */
  send(request: ClusterRequest, signal: AbortSignal): Promise<IncomingMessage>;
}

/** The credentials of a Pod, which tell that this process runs in a cluster. */
export const serviceAccountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token';
const keepAliveMilliseconds = 30_000;
/** A connection waits this long for the next read: less than any server or balancer leaves it open, so none is sent in vain. */
const reuse = { keepAlive: true, timeout: 5000 };
const agents = { plain: new HttpAgent(reuse), tls: new HttpsAgent(reuse) };
const longestDetail = 500;

/**
 * Opens the cluster that a kubeconfig names, or the one that this process runs in. Throws with what is wrong where there
 * is neither.
 */
export function openCluster(kubeconfig: string | undefined): ClusterTransport {
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
  return openConfig(config, kubeconfig ?? 'the service account');
}

/**
 * Opens the current cluster of a configuration; `source` names it where it has none. `token` takes the place of the
 * configuration's credentials, and is asked for another one where the API server refuses it.
 */
export function openConfig(
  config: KubeConfig,
  source: string,
  token?: TokenSource,
): ClusterTransport {
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) {
    throw new Error(`${source} names no current cluster`);
  }
  return {
    server,
    async send(request, signal) {
      try {
        return await send(config, server, request, signal, await token?.token());
      } catch (error) {
        if (token === undefined || !(error instanceof ApiStatusError) || error.status !== 401) {
          throw error;
        }
        token.forget();
        return await send(config, server, request, signal, await token.token());
      }
    },
  };
}

async function send(
  config: KubeConfig,
  server: string,
  clusterRequest: ClusterRequest,
  signal: AbortSignal,
  token: string | undefined,
): Promise<IncomingMessage> {
  const { method, path, accept = 'application/json', body } = clusterRequest;
  const headers = {
    Accept: accept,
    ...(body === undefined
      ? {}
      : // Node sends the body of a DELETE without its length unless told.
        { 'Content-Type': body.type, 'Content-Length': Buffer.byteLength(body.text) }),
    ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
  };
  const options: RequestOptions = { headers };
  await config.applyToHTTPSOptions(options);
  const url = new URL(server.replace(/\/+$/u, '') + path);
  if (
    clusterRequest.sharesConnection === true &&
    config.getCurrentCluster()?.proxyUrl === undefined
  ) {
    options.agent = url.protocol === 'http:' ? agents.plain : agents.tls;
  }
  const response = await exchange(url, { ...options, method, signal }, body?.text);
  const status = response.statusCode ?? 0;
  if (status < 200 || status > 299) {
    const answer = await readStatus(response);
    const retryAfter = response.headers['retry-after'];
    throw new ApiStatusError(status, `${method} ${path}`, answer, retryAfter);
  }
  response.on('error', () => undefined);
  return response;
}

function exchange(
  url: URL,
  options: RequestOptions,
  body: string | undefined,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const start = url.protocol === 'http:' ? httpRequest : httpsRequest;
  const request = start(url, options, resolve);
  request.on('socket', (socket) => socket.setKeepAlive(true, keepAliveMilliseconds));
  request.on('error', reject);
  request.end(body);
  return promise;
}

/** What the API server says of a failure; what it hands on from others (`.../proxy/...`) is any text. */
async function readStatus(response: IncomingMessage): Promise<unknown> {
  const answer = await text(response).catch(() => '');
  try {
    return JSON.parse(answer) as unknown;
  } catch {
    return { message: answer.trim().slice(0, longestDetail) };
  }
}
