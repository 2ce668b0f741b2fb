import * as z from 'zod';
import { listIn, numberIn, stringIn, type Json } from '../core/json.ts';
import { firstOf, indexOf, type Databases } from './database-index.ts';
import { databaseKinds, type DatabaseKind } from './database-kinds.ts';
import type { Resource } from '../core/resource.ts';
import type { Mesh } from './mesh.ts';
import { protocolOfName } from './protocol.ts';
import { portsOf, servicesOf, workloadsOf } from './services.ts';
import { workloadPort } from './target-ports.ts';
import { appContainersOf, type Workload } from './workload.ts';

/** Databases of the user's own, recognised beside the built-in ones. */
export const databasesParam = z
  .array(
    z.strictObject({
      name: z.string().min(1),
      ports: z.array(z.number().int().min(1).max(65_535)).default([]),
      images: z.array(z.string().min(1)).default([]),
      words: z.array(z.string().min(1)).default([]),
      labels: z.array(z.string().min(1)).default([]),
      serverFirst: z.boolean().default(false),
    }),
  )
  .default([])
  .describe(
    'More databases: name, ports, images (last segment of the name), words in port names, labels (key or key=value), and whether the server speaks first.',
  );

/** A database that a workload or port was taken for, with what told it. */
export interface RecognisedDatabase {
  readonly kind: DatabaseKind;
  /** As a clause: `image postgres:17`. */
  readonly evidence: string;
}

const requestProtocols: ReadonlySet<string> = new Set([
  'HTTP',
  'HTTP2',
  'HTTP_PROXY',
  'GRPC',
  'GRPC-Web',
]);
const sideTokens =
  /^(?:metrics|exporter|http|https|web|ui|admin|rest|api|health|probe|monitoring|prometheus|console|dashboard|proxy)$/u;
const observingTokens = /^(?:metrics|exporter|health|probe|monitoring|prometheus)$/u;
const nameLabels = ['app.kubernetes.io/name', 'app', 'app.kubernetes.io/component', 'k8s-app'];
const cache = new WeakMap<readonly object[], Databases>();

/** The recognised databases with those of the params first. */
export function databasesOf(extra: z.output<typeof databasesParam>): Databases {
  if (extra.length === 0) {
    return databaseKinds;
  }
  let known = cache.get(extra);
  if (known === undefined) {
    const own = extra.map((entry) => ({
      ...entry,
      upgradesToTls: entry.serverFirst,
      otherPorts: [],
    }));
    known = [...own, ...databaseKinds];
    cache.set(extra, known);
  }
  return known;
}

/** The database whose well-known port a number is. */
export function databaseOnPort(port: number, databases: Databases): DatabaseKind | undefined {
  return firstOf(databases, [indexOf(databases).ports.get(port)]);
}

/** What a workload's own manifest says it is: image, operators' labels, declared ports, or the usual name labels. */
export function databaseOfManifest(
  workload: Workload,
  databases: Databases,
): RecognisedDatabase | undefined {
  return (
    databaseByImage(workload, databases) ??
    databaseByLabel(workload, databases) ??
    databaseByContainerPort(workload, databases)
  );
}

/** The database that a workload's Pods serve, by its manifest or by the Services in front of it. */
export function databaseOf(
  workload: Workload,
  databases: Databases,
  mesh: Mesh,
): RecognisedDatabase | undefined {
  // Policies may be told of different databases, and mostly are not.
  const known = mesh.memo(workload, 'database', () => ({
    databases,
    found: findDatabase(workload, databases, mesh),
  }));
  return known.databases === databases ? known.found : findDatabase(workload, databases, mesh);
}

function findDatabase(
  workload: Workload,
  databases: Databases,
  mesh: Mesh,
): RecognisedDatabase | undefined {
  const own = databaseOfManifest(workload, databases);
  if (own !== undefined) {
    return own;
  }
  for (const service of servicesOf(workload, mesh)) {
    for (const port of portsOf(service)) {
      const kind = databaseOfPort(port, databases);
      if (kind !== undefined) {
        return {
          kind,
          evidence: `port ${String(numberIn(port, 'port'))} of Service ${service.name}`,
        };
      }
    }
  }
  return undefined;
}

/** The database of a Service port: by its number, target or name, else by the workload that it leads to. */
export function databaseOfServicePort(
  service: Resource,
  port: Json,
  databases: Databases,
  mesh: Mesh,
): DatabaseKind | undefined {
  const known = mesh.memo(service, 'databases', () => ({
    databases,
    found: new Map(
      portsOf(service).map((own) => [own, findServiceDatabase(service, own, databases, mesh)]),
    ),
  }));
  return known.databases === databases && known.found.has(port)
    ? known.found.get(port)
    : findServiceDatabase(service, port, databases, mesh);
}

function findServiceDatabase(
  service: Resource,
  port: Json,
  databases: Databases,
  mesh: Mesh,
): DatabaseKind | undefined {
  if (stringIn(port, 'protocol') === 'UDP') {
    return undefined;
  }
  const byPort = databaseOfPort(port, databases);
  const tokens = (stringIn(port, 'name') ?? '').split('-');
  if (byPort !== undefined || tokens.some((token) => observingTokens.test(token))) {
    return byPort;
  }
  for (const workload of workloadsOf(service, mesh)) {
    const kind =
      databaseByImage(workload, databases)?.kind ?? databaseByLabel(workload, databases)?.kind;
    const target = workloadPort(port, workload);
    if (kind !== undefined && target !== undefined && servesOn(kind, target, service, workload)) {
      return kind;
    }
  }
  return undefined;
}

/** The database of a ServiceEntry port, by its number or name. */
export function databaseOfPort(port: Json, databases: Databases): DatabaseKind | undefined {
  const numbers = [numberIn(port, 'port'), numberIn(port, 'number'), numberIn(port, 'targetPort')];
  for (const number of numbers) {
    const kind = number === undefined ? undefined : databaseOnPort(number, databases);
    if (kind !== undefined) {
      return kind;
    }
  }
  const texts = [
    stringIn(port, 'appProtocol'),
    stringIn(port, 'name'),
    stringIn(port, 'targetPort'),
  ];
  for (const text of texts) {
    const kind = text === undefined ? undefined : databaseOfWord(text, databases);
    if (kind !== undefined) {
      return kind;
    }
  }
  return undefined;
}

/** Whether the database protocol that a port name tells is one of requests, which Istio reads. */
export function declaresRequests(protocol: string): boolean {
  return requestProtocols.has(protocol);
}

function databaseOfWord(name: string, databases: Databases): DatabaseKind | undefined {
  if (requestProtocols.has(protocolOfName(name) ?? '')) {
    return undefined;
  }
  const { words } = indexOf(databases);
  const tokens = name.toLowerCase().split(/[-_.]/u);
  return tokens.some((token) => sideTokens.test(token))
    ? undefined
    : firstOf(
        databases,
        tokens.map((token) => words.get(token)),
      );
}

function databaseByImage(workload: Workload, databases: Databases): RecognisedDatabase | undefined {
  const { images } = indexOf(databases);
  for (const { container } of appContainersOf(workload)) {
    const image = stringIn(container, 'image') ?? '';
    const name = imageName(image);
    const slash = name.lastIndexOf('/');
    const lastTwo = name.slice(name.lastIndexOf('/', slash - 1) + 1);
    const kind = firstOf(databases, [
      images.get(name.slice(slash + 1)),
      slash < 0 ? undefined : images.get(lastTwo),
    ]);
    if (kind !== undefined) {
      return { kind, evidence: `image ${image}` };
    }
  }
  return undefined;
}

/** An image without its digest and tag; a colon before a slash is a registry's port. */
function imageName(image: string): string {
  const at = image.indexOf('@');
  const tagged = at < 0 ? image : image.slice(0, at);
  const colon = tagged.lastIndexOf(':');
  return colon > tagged.lastIndexOf('/') ? tagged.slice(0, colon) : tagged;
}

function databaseByLabel(workload: Workload, databases: Databases): RecognisedDatabase | undefined {
  const { labels, words } = indexOf(databases);
  const places: (number | undefined)[] = [];
  for (const key of Object.keys(workload.labels)) {
    places.push(labels.get(key), labels.get(`${key}=${workload.labels[key] ?? ''}`));
  }
  for (const key of nameLabels) {
    places.push(words.get(workload.labels[key] ?? ''));
  }
  const kind = firstOf(databases, places);
  if (kind === undefined) {
    return undefined;
  }
  const label = kind.labels.find((wanted) => carries(workload, wanted));
  const named = nameLabels.find((key) => kind.words.includes(workload.labels[key] ?? '')) ?? '';
  return { kind, evidence: `label ${label ?? `${named}=${workload.labels[named] ?? ''}`}` };
}

function carries(workload: Workload, wanted: string): boolean {
  const at = wanted.indexOf('=');
  return at < 0
    ? Object.hasOwn(workload.labels, wanted)
    : workload.labels[wanted.slice(0, at)] === wanted.slice(at + 1);
}

function databaseByContainerPort(
  workload: Workload,
  databases: Databases,
): RecognisedDatabase | undefined {
  for (const { container } of appContainersOf(workload)) {
    for (const declared of listIn(container, 'ports')) {
      const port = numberIn(declared, 'containerPort');
      const kind = port === undefined ? undefined : databaseOnPort(port, databases);
      if (kind !== undefined) {
        return { kind, evidence: `container port ${String(port)}` };
      }
    }
  }
  return undefined;
}

/** A port of a database's Pods is the database's where it is one of its numbers, or the Service has no other. */
function servesOn(
  kind: DatabaseKind,
  target: number,
  service: Resource,
  workload: Workload,
): boolean {
  if (kind.ports.includes(target) || kind.otherPorts.includes(target)) {
    return true;
  }
  const declared = appContainersOf(workload).flatMap(({ container }) => listIn(container, 'ports'));
  return (
    kind.ports.length > 0 &&
    portsOf(service).length === 1 &&
    declared.every((port) => numberIn(port, 'containerPort') === target)
  );
}
