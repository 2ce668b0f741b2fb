import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ClusterTransport } from '../../../pipelines/source/cluster-transport.ts';
import { openForTest } from '../admission/plain-cluster.ts';

/** An answer that takes the place of the next one for a path. */
export interface Fault {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** As much of an API server as discovery, lists and gets need, with faults where a test wants them. */
export interface FakeApi {
  readonly transport: ClusterTransport;
  readonly port: number;
  /** Path and query of every request. */
  readonly calls: string[];
  /** `/api/v1/services` to its objects. */
  readonly objects: Map<string, Record<string, unknown>[]>;
  /** What discovery answers: `/api/v1` to its resources. */
  readonly resources: Map<string, object[]>;
  /** Versions of a group by `/apis/GROUP`. */
  readonly groups: Map<string, string[]>;
  /** By path without query; the first one is taken. `cut` ends the connection. */
  readonly faults: Map<string, (Fault | 'cut')[]>;
  /** How long each answer takes. */
  delayMilliseconds: number;
  /** Requests answered at the same time at most, so far. */
  most(): number;
  close(): Promise<void>;
}

const usualDelayMilliseconds = 5;

/** Starts one on 127.0.0.1, with TLS where there is a certificate. */
export async function startFakeApi(leaf?: {
  readonly certificate: string;
  readonly key: string;
}): Promise<FakeApi> {
  const calls: string[] = [];
  const objects = new Map<string, Record<string, unknown>[]>();
  const resources = new Map<string, object[]>();
  const groups = new Map<string, string[]>();
  const faults = new Map<string, (Fault | 'cut')[]>();
  const waiting = new Set<NodeJS.Timeout>();
  let open = 0;
  let most = 0;

  function answer(url: URL, response: ServerResponse): void {
    const fault = faults.get(url.pathname)?.shift();
    const served = resources.get(url.pathname);
    const list = objects.get(url.pathname);
    const versions = groups.get(url.pathname);
    if (fault === 'cut') {
      response.destroy();
    } else if (fault !== undefined) {
      response.writeHead(fault.status, fault.headers).end(JSON.stringify(fault.body ?? {}));
    } else if (served !== undefined) {
      response.end(JSON.stringify({ resources: served }));
    } else if (versions !== undefined) {
      response.end(
        JSON.stringify({ versions: versions.map((groupVersion) => ({ groupVersion })) }),
      );
    } else if (list === undefined) {
      const object = findObject(url.pathname);
      response.writeHead(object === undefined ? 404 : 200).end(JSON.stringify(object ?? {}));
    } else {
      response.end(JSON.stringify(page(list, url.searchParams)));
    }
  }

  function findObject(path: string): object | undefined {
    const [, root, namespace, plural, name] =
      /^(.*)\/namespaces\/([^/]+)\/([^/]+)\/([^/]+)$/u.exec(path) ?? [];
    return objects.get(`${root ?? ''}/${plural ?? ''}`)?.find(({ metadata }) => {
      const own = metadata as { readonly name: string; readonly namespace: string };
      return own.name === name && own.namespace === namespace;
    });
  }

  function take(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '', 'http://x');
    calls.push(`${url.pathname}${url.search}`);
    open += 1;
    most = Math.max(most, open);
    const timer = setTimeout(() => {
      waiting.delete(timer);
      open -= 1;
      answer(url, response);
    }, fake.delayMilliseconds);
    waiting.add(timer);
  }

  const server =
    leaf === undefined
      ? createServer(take)
      : createSecureServer({ cert: leaf.certificate, key: leaf.key }, take);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const fake: FakeApi = {
    delayMilliseconds: usualDelayMilliseconds,
    transport: await openForTest(port),
    port,
    calls,
    objects,
    resources,
    groups,
    faults,
    most: () => most,
    async close() {
      for (const timer of waiting) {
        clearTimeout(timer);
      }
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
  return fake;
}

function page(list: readonly object[], query: URLSearchParams): object {
  const from = Number(query.get('continue') ?? 0);
  const end = from + Number(query.get('limit') ?? list.length);
  return {
    metadata: { resourceVersion: '7', ...(end < list.length ? { continue: String(end) } : {}) },
    items: list.slice(from, end),
  };
}

/** A resource as discovery lists it. */
export function servedResource(name: string, kind: string, namespaced = true): object {
  return { name, kind, namespaced, verbs: ['get', 'list', 'watch'] };
}
