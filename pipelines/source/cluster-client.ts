import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { buffer, text } from 'node:stream/consumers';
import { dropManagedFields } from './drop-managed-fields.ts';
import { openCluster } from './cluster-transport.ts';

/** Reading access to an API server; paths begin with `/`. All reject with `ApiStatusError` or a network error. */
export interface ClusterClient {
  readonly server: string;
  get(path: string, signal: AbortSignal): Promise<unknown>;
  /** Gets a page of objects, without their managed fields. */
  list(path: string, signal: AbortSignal): Promise<unknown>;
  /** Calls back for each line of an answer that goes on; resolves when the server ends it. */
  lines(path: string, signal: AbortSignal, onLine: (line: string) => void): Promise<void>;
}

const answerMilliseconds = 60_000;

/**
 * A client for the cluster that a kubeconfig names, or for the one that this process runs in. Throws with what is
 * wrong where there is neither.
 */
export function connectCluster(kubeconfig: string | undefined): ClusterClient {
  const transport = openCluster(kubeconfig);

  function send(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    const timeout = AbortSignal.timeout(answerMilliseconds);
    return transport.send({ method: 'GET', path }, AbortSignal.any([signal, timeout]));
  }
  return {
    server: transport.server,
    async get(path, signal) {
      return JSON.parse(await text(await send(path, signal))) as unknown;
    },
    async list(path, signal) {
      const body = await buffer(await send(path, signal));
      return JSON.parse(dropManagedFields(body).toString('utf8')) as unknown;
    },
    async lines(path, signal, onLine) {
      const response = await transport.send({ method: 'GET', path }, signal);
      for await (const line of createInterface({ input: response, crlfDelay: Infinity })) {
        onLine(line);
      }
      if (!response.complete) {
        throw new Error(`the answer to GET ${path} was cut off`);
      }
    },
  };
}
