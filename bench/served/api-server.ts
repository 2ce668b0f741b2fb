import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { stringIn, type JsonObject } from '../../policies/core/json.ts';
import { kindInfo, kindNameOf, kinds, type KindName } from '../../policies/core/kinds.ts';
import { meshObjects } from '../admission/subject.ts';
import { syntheticMesh } from '../mesh/synthetic.ts';
import { asStored, metadataOf, replicaSetOf } from './stored.ts';

/** What the API server holds. */
export interface ApiSize {
  readonly services: number;
  readonly podsPerService: number;
  /** Changes a second that its watches tell of. */
  readonly changesPerSecond: number;
}

/** What it is told on its command line, as one JSON argument. */
export interface ApiTask extends ApiSize {
  readonly cert: string;
  readonly key: string;
}

/** An object and its place among those of its kind. */
interface Numbered {
  readonly object: JsonObject;
  readonly index: number;
}

const task = JSON.parse(process.argv[2] ?? '') as ApiTask;
const { services, podsPerService, changesPerSecond } = task;
const objects = new Map<KindName, Numbered[]>();
const byName = new Map<string, Numbered>();
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
const server = createServer(task, (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
  const [part = '', namespace = ''] = /\/namespaces\/([^/]+)(?=\/)/u.exec(pathname) ?? [];
  const type = pathOfKind.get(pathname.replace(part, ''));
  if (type === undefined) {
    response.end(JSON.stringify({ resources: resourcesUnder(pathname) }));
  } else if (searchParams.get('watch') === 'true') {
    watch(type, response);
  } else {
    const isMetadata = request.headers.accept?.includes('PartialObjectMetadataList') === true;
    response.setHeader('Content-Type', 'application/json');
    response.end(page(selected(type, namespace, searchParams), searchParams, isMetadata));
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
    const numbered = { object, index: known.length };
    known.push(numbered);
    const name = stringIn(object, 'metadata', 'name') ?? '';
    byName.set(`${type} ${namespaceOf(object)}/${name}`, numbered);
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

/** All of a kind, those of a namespace, or the one that is named. */
function selected(type: KindName, namespace: string, query: URLSearchParams): readonly Numbered[] {
  const all = objects.get(type) ?? [];
  const name = /^metadata\.name=(.*)$/u.exec(query.get('fieldSelector') ?? '')?.[1];
  if (name !== undefined) {
    const found = byName.get(`${type} ${namespace}/${name}`);
    return found === undefined ? [] : [found];
  }
  return namespace === '' ? all : all.filter(({ object }) => namespaceOf(object) === namespace);
}

function namespaceOf(object: JsonObject): string {
  return stringIn(object, 'metadata', 'namespace') ?? '';
}

function page(all: readonly Numbered[], query: URLSearchParams, isMetadata: boolean): string {
  const from = Number(query.get('continue') ?? 0);
  const end = Math.min(from + Number(query.get('limit') ?? 500), all.length);
  const more = end < all.length ? { continue: String(end) } : {};
  const store = isMetadata ? metadataOf : asStored;
  return JSON.stringify({
    ...(isMetadata ? { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' } : {}),
    metadata: { resourceVersion: String(version), ...more },
    items: all.slice(from, end).map(({ object, index }) => store(object, index)),
  });
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
  const object = all[version % all.length]?.object;
  if (type === undefined || object === undefined) {
    return;
  }
  const changed = asStored(object, version - 1_000_000);
  const event = type === 'Pod' && version % 2 === 0 ? 'DELETED' : 'MODIFIED';
  for (const response of watches.get(type) ?? []) {
    response.write(`${JSON.stringify({ type: event, object: changed })}\n`);
  }
}
