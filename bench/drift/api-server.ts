import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { liveObject } from './objects.ts';

/** An API server that has so many objects, made as they are asked for. */
export interface BenchApi {
  readonly port: number;
  calls(): number;
  close(): Promise<void>;
}

const root = '/apis/networking.istio.io/v1';
const remainders: Readonly<Record<string, number>> = { virtualservices: 0, destinationrules: 1 };
const kinds = [
  { name: 'virtualservices', kind: 'VirtualService', namespaced: true, verbs: ['list'] },
  { name: 'destinationrules', kind: 'DestinationRule', namespaced: true, verbs: ['list'] },
];

/** Starts one on 127.0.0.1. */
export async function startBenchApi(objects: number): Promise<BenchApi> {
  let calls = 0;
  const server = createServer((request, response) => {
    calls += 1;
    answer(new URL(request.url ?? '', 'http://x'), response, objects);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    calls: () => calls,
    async close() {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

function answer(url: URL, response: ServerResponse, objects: number): void {
  const { pathname, searchParams } = url;
  if (pathname === root) {
    response.end(JSON.stringify({ resources: kinds }));
    return;
  }
  const [, name] = /\/service-(\d+)$/u.exec(pathname) ?? [];
  const remainder = remainders[pathname.replace(`${root}/`, '')];
  if (name !== undefined) {
    response.end(JSON.stringify(liveObject(Number(name))));
  } else if (remainder === undefined) {
    response.writeHead(404).end('{}');
  } else {
    response.end(page(objects, remainder, searchParams));
  }
}

function page(objects: number, remainder: number, query: URLSearchParams): string {
  const from = Number(query.get('continue') ?? 0);
  const end = Math.min(from + Number(query.get('limit') ?? 500), objects / 2);
  const items = Array.from({ length: end - from }, (_, index) =>
    liveObject((from + index) * 2 + remainder),
  );
  const more = end < objects / 2 ? { continue: String(end) } : {};
  return JSON.stringify({ metadata: { resourceVersion: '1', ...more }, items });
}
