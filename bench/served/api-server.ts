import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { stringIn, type JsonObject } from '../../policies/core/json.ts';
import { kindInfo, kindNameOf, kinds, type KindName } from '../../policies/core/kinds.ts';
import { meshObjects } from '../admission/subject.ts';
import { syntheticMesh } from '../mesh/synthetic.ts';
import { asStored, replicaSetOf } from './stored.ts';

/** What the API server is told on its command line, as one JSON argument. */
export interface ApiTask {
  readonly services: number;
  readonly podsPerService: number;
  /** Changes a second that its watches tell of. */
  readonly changesPerSecond: number;
}

const { services, podsPerService, changesPerSecond } = JSON.parse(process.argv[2] ?? '') as ApiTask;
const objects = new Map<KindName, JsonObject[]>();
const watches = new Map<KindName, Set<ServerResponse>>();
const pathOfKind = new Map((Object.keys(kinds) as KindName[]).map((type) => [pathOf(type), type]));
let version = 1_000_000;

for (const { object } of syntheticMesh({ services, podsPerService })) {
  add(object);
  if (object['kind'] === 'Deployment') {
    add(replicaSetOf(object));
  }
}
for (const object of meshObjects()) {
  add(object);
}

// Lists in pages and watches as an API server does; everything is in its kind's first version.
const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
  const type = pathOfKind.get(pathname.replace('/namespaces/istio-system', ''));
  if (type === undefined) {
    response.end(JSON.stringify({ resources: resourcesUnder(pathname) }));
  } else if (searchParams.get('watch') === 'true') {
    watch(type, response);
  } else {
    response.end(page(objects.get(type) ?? [], searchParams));
  }
});
server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.on('disconnect', () => process.exit(0));
if (changesPerSecond > 0) {
  setInterval(change, 1000 / changesPerSecond);
}

function add(object: JsonObject): void {
  const type = kindNameOf(stringIn(object, 'apiVersion') ?? '', stringIn(object, 'kind') ?? '');
  if (type !== undefined) {
    const known = objects.get(type) ?? [];
    known.push(object);
    objects.set(type, known);
  }
}

function pathOf(type: KindName): string {
  const { group, versions, plural } = kindInfo(type);
  return `${group === '' ? '/api' : `/apis/${group}`}/${versions[0]}/${plural}`;
}

function resourcesUnder(path: string): readonly object[] {
  return [...pathOfKind]
    .filter(([known]) => known.slice(0, known.lastIndexOf('/')) === path)
    .map(([known]) => ({ name: known.slice(known.lastIndexOf('/') + 1) }));
}

function page(all: readonly JsonObject[], query: URLSearchParams): string {
  const from = Number(query.get('continue') ?? 0);
  const end = Math.min(from + Number(query.get('limit') ?? 500), all.length);
  const items = all.slice(from, end).map((object, index) => asStored(object, from + index));
  const more = end < all.length ? { continue: String(end) } : {};
  return JSON.stringify({ metadata: { resourceVersion: String(version), ...more }, items });
}

function watch(type: KindName, response: ServerResponse): void {
  const open = watches.get(type) ?? new Set();
  watches.set(type, open.add(response));
  response.on('close', () => open.delete(response));
  response.writeHead(200).flushHeaders();
}

/** One object of some kind changes: now a Service, now a rule, now a Pod that comes or goes. */
function change(): void {
  version += 1;
  const types = [...watches.keys()].filter((type) => (objects.get(type)?.length ?? 0) > 0);
  const type = types[version % types.length];
  const all = type === undefined ? [] : (objects.get(type) ?? []);
  const object = all[version % all.length];
  if (type === undefined || object === undefined) {
    return;
  }
  const changed = asStored(object, version - 1_000_000);
  const event = type === 'Pod' && version % 2 === 0 ? 'DELETED' : 'MODIFIED';
  for (const response of watches.get(type) ?? []) {
    response.write(`${JSON.stringify({ type: event, object: changed })}\n`);
  }
}
