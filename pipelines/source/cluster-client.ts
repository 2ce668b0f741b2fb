import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { dropManagedFields } from './drop-managed-fields.ts';
import { openCluster, type ClusterRequest } from './cluster-transport.ts';
import { giveBack, readBytes } from './own-bytes.ts';

/** Reading access to an API server; paths begin with `/`. All reject with `ApiStatusError` or a network error. */
export interface ClusterClient {
  readonly server: string;
  get(path: string, signal: AbortSignal): Promise<unknown>;
  /** Gets a page of objects, without their managed fields. */
  list(path: string, signal: AbortSignal): Promise<unknown>;
  /** The same with nothing but the metadata of each, as a PartialObjectMetadataList; a whole page where the server gives no such. */
  listMetadata(path: string, signal: AbortSignal): Promise<unknown>;
  /** Calls back for each line of an answer that goes on; resolves when the server ends it. */
  lines(path: string, signal: AbortSignal, onLine: (line: string) => void): Promise<void>;
}

const answerMilliseconds = 60_000;
const wholeObjects = 'application/json';
const metadataOnly = `application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,${wholeObjects}`;

/**
 * A client for the cluster that a kubeconfig names, or for the one that this process runs in. Throws with what is
 * wrong where there is neither.
 */
export function connectCluster(kubeconfig: string | undefined): ClusterClient {
  const transport = openCluster(kubeconfig);

  function send(request: ClusterRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const timeout = AbortSignal.timeout(answerMilliseconds);
    return transport.send(request, AbortSignal.any([signal, timeout]));
  }
  async function list(path: string, accept: string, signal: AbortSignal): Promise<unknown> {
    const request: ClusterRequest = { method: 'GET', path, accept, sharesConnection: true };
    const body = await readBytes(await send(request, signal));
    const page = dropManagedFields(body).toString('utf8');
    giveBack(body);
    return JSON.parse(page) as unknown;
  }
  return {
    server: transport.server,
    async get(path, signal) {
      return JSON.parse(await text(await send({ method: 'GET', path }, signal))) as unknown;
    },
    list: (path, signal) => list(path, wholeObjects, signal),
    listMetadata: (path, signal) => list(path, metadataOnly, signal),
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
