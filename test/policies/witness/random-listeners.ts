import type { JsonObject } from '../../../policies/core/json.ts';
import { seededRandom, type Random } from '../../support/random.ts';
import {
  asYaml,
  clientPod,
  istioObject,
  namespaceObject,
  serviceObjects,
} from '../../support/witness-mesh.ts';

/** A mesh as the real Istio takes it, and a client in it. */
export interface ListenerMesh {
  readonly yaml: string;
  /** `namespace/name` of the asking Pod. */
  readonly client: string;
  readonly dnsCapture: boolean;
  readonly ports: readonly number[];
  /** VirtualServices of a wildcard send other hosts' connections elsewhere, so chains are compared without targets. */
  readonly redirects: boolean;
}

interface Shape {
  readonly ports: readonly number[];
  /** Some entries are for `*.example.com`. */
  readonly wildcards: boolean;
  /**
   * Sidecars name hosts exactly, and entries have one address: of several, istiod 1.31 then takes one at random.
   */
  readonly exact: boolean;
}

const namespaces = ['shop', 'mail', 'data'] as const;
const allPorts = [3306, 5432, 8443, 8080, 27017, 7000] as const;
const hosts = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}.example.com`) as [
  string,
  ...string[],
];
const protocols =
  'TCP TCP TCP TCP MYSQL MYSQL MONGO MONGO REDIS UDP TLS TLS TLS HTTPS HTTP HTTP HTTP GRPC'.split(
    ' ',
  ) as [string, ...string[]];
const addresses = ['10.1.0.1', '10.1.0.2', '10.96.0.1', '10.1.0.2/32'] as const;
const ranges = ['10.0.0.0/8', '10.9.9.9/8', '10.1.0.0/16', '0.0.0.0/0'] as const;
const portNames = ['tcp-x', 'tcp', 'mysql', 'mongo-x', 'tls', 'http-x', 'grpc', 'x', ''] as const;

/** A mesh with some ports on which ServiceEntries and Services meet, as the seed wants it. */
export function randomListenerMesh(seed: number): ListenerMesh {
  const random = seededRandom(seed);
  const clientNamespace = random.pick(namespaces);
  const ports = random.shuffle(allPorts).slice(0, 3);
  const redirects = random.chance(0.15);
  const wildcards = random.chance(0.3);
  const shape = { ports, wildcards, exact: random.chance(0.3) };
  const taken = new Set<string>();
  const objects: JsonObject[] = [
    ...[...namespaces, 'istio-system'].map((namespace) => namespaceObject(namespace)),
    ...namespaces.map((namespace, index) => clientPod(namespace, index)),
  ];
  for (let index = 4 + random.next(9); index > 0; index -= 1) {
    objects.push(serviceEntry(random, index, shape, taken));
  }
  for (let index = random.next(4); index > 0; index -= 1) {
    objects.push(...service(random, index, ports));
  }
  for (let index = random.next(3); index > 0; index -= 1) {
    objects.push(sidecar(random, `sidecar-${String(index)}`, clientNamespace, shape));
  }
  if (random.chance(0.1)) {
    objects.push(sidecar(random, 'default', 'istio-system', shape));
  }
  // A route of a narrower host governs a wildcard entry too, which no look-up by host finds.
  for (let index = wildcards ? 0 : random.next(3); index > 0; index -= 1) {
    objects.push(virtualService(random, index, ports, redirects));
  }
  return {
    yaml: asYaml(objects),
    client: `${clientNamespace}/client`,
    dnsCapture: random.chance(0.4),
    ports,
    redirects,
  };
}

function serviceEntry(
  random: Random,
  index: number,
  { ports, wildcards, exact }: Shape,
  taken: Set<string>,
): JsonObject {
  const wild = wildcards && random.chance(0.25);
  const shadow = random.chance(0.06);
  const own = random.shuffle(ports).slice(0, random.chance(0.25) ? 2 : 1);
  const several = !wild && !shadow && random.chance(0.15);
  const entryHosts = hostsOf(random, { wild, shadow, several });
  const entryPorts = own.map((number) => {
    const protocol = random.chance(0.1) ? '' : random.pick(protocols);
    const name = `p-${String(number)}`;
    return protocol === '' ? { number, name } : { number, name, protocol };
  });
  const namespace = random.pick(namespaces);
  const exportTo = exportsOf(random, namespace);
  const created = ageOf(
    random,
    index,
    entryHosts.map((host) => `${namespace}/${host}`),
    taken,
  );
  const optedOut = random.chance(0.1);
  const { spec, status } = addressing(random, index, entryHosts, {
    mustBeNone: wild || several,
    exact,
  });
  const object = istioObject(
    'ServiceEntry',
    namespace,
    `entry-${String(index)}`,
    {
      hosts: entryHosts,
      ports: entryPorts,
      ...(exportTo === undefined ? {} : { exportTo }),
      ...spec,
    },
    created,
  );
  const metadata = object['metadata'] as JsonObject;
  const labels = optedOut
    ? { labels: { 'networking.istio.io/enable-autoallocate-ip': 'false' } }
    : {};
  return { ...object, metadata: { ...metadata, ...labels }, ...status };
}

function hostsOf(
  random: Random,
  { wild, shadow, several }: Readonly<Record<'wild' | 'shadow' | 'several', boolean>>,
): readonly string[] {
  if (wild) {
    return ['*.example.com'];
  }
  if (shadow) {
    return [`db-${String(1 + random.next(2))}.${random.pick(namespaces)}.svc.cluster.local`];
  }
  return random.shuffle(hosts).slice(0, several ? 2 : 1);
}

/** Addresses, resolution and endpoints as Istio's validation takes them together. */
function addressing(
  random: Random,
  index: number,
  entryHosts: readonly string[],
  { mustBeNone, exact }: { readonly mustBeNone: boolean; readonly exact: boolean },
): { readonly spec: JsonObject; readonly status: JsonObject } {
  const endpoints = [{ address: `192.0.2.${String(index)}` }];
  const declared = random.pick<readonly string[]>([
    [],
    [],
    [],
    [],
    [],
    [random.pick(addresses)],
    [random.pick(addresses)],
    [random.pick(ranges)],
    [random.pick(ranges)],
    random.shuffle([...addresses.slice(0, 3), ranges[2]]).slice(0, exact ? 1 : 2),
  ]);
  const spec = declared.length > 0 ? { addresses: declared } : {};
  const range = declared.some((address) => address.includes('/'));
  const resolution = mustBeNone
    ? 'NONE'
    : random.pick(range ? ['NONE', 'STATIC'] : ['DNS', 'DNS', 'STATIC', 'NONE']);
  const allocated = declared.length === 0 && resolution !== 'NONE';
  const values = entryHosts.map((host, place) => ({
    host,
    value: `240.240.${String(place)}.${String(index)}`,
  }));
  return {
    spec: { ...spec, resolution, ...(resolution === 'STATIC' ? { endpoints } : {}) },
    status: allocated ? { status: { addresses: values } } : {},
  };
}

function service(random: Random, index: number, ports: readonly number[]): readonly JsonObject[] {
  const own = random.shuffle(ports).slice(0, random.chance(0.3) ? 2 : 1);
  const named = own.map((port) => ({ name: `${random.pick(portNames)}-${String(port)}`, port }));
  const clusterAddress = random.chance(0.2) ? 'None' : `10.96.0.${String(index)}`;
  const namespace = random.pick(namespaces);
  const exported = exportsOf(random, namespace);
  const [object = {}, ...rest] = serviceObjects(namespace, `db-${String(index)}`, named, {
    service: clusterAddress,
    pod: `10.8.0.${String(index)}`,
  });
  const annotations =
    exported === undefined
      ? {}
      : { annotations: { 'networking.istio.io/exportTo': exported.join(',') } };
  const metadata = {
    ...(object['metadata'] as JsonObject),
    ...annotations,
    creationTimestamp: age(random),
  };
  return [{ ...object, metadata }, ...rest];
}

function sidecar(
  random: Random,
  name: string,
  namespace: string,
  { ports, exact }: Shape,
): JsonObject {
  const selector = random.pick<JsonObject | undefined>([
    undefined,
    { labels: { app: 'client' } },
    { labels: { app: 'other' } },
  ]);
  const explicit = random
    .shuffle(ports)
    .slice(0, random.pick([0, 0, 1, 1, 2]))
    .map((port) => ({
      port: {
        number: port,
        name: `own-${String(port)}`,
        protocol: random.pick(['TCP', 'TCP', 'MYSQL', 'HTTP', 'TLS']),
      },
      hosts: imports(random, exact),
      ...random.pick<JsonObject>([
        {},
        {},
        { bind: '127.0.0.1' },
        { bind: '0.0.0.0' },
        { captureMode: 'NONE' },
      ]),
    }));
  const bound = random.chance(0.1) ? { captureMode: 'NONE', bind: '127.0.0.1' } : {};
  const rest =
    random.chance(0.85) || explicit.length === 0
      ? [{ hosts: imports(random, exact), ...bound }]
      : [];
  const scope =
    selector === undefined || namespace === 'istio-system' ? {} : { workloadSelector: selector };
  return istioObject(
    'Sidecar',
    namespace,
    name,
    { ...scope, egress: [...explicit, ...rest] },
    age(random),
  );
}

function imports(random: Random, exact: boolean): readonly string[] {
  const host = random.pick(hosts);
  const namespace = random.pick(namespaces);
  if (exact && random.chance(0.6)) {
    return random.pick<readonly string[]>([
      [`${namespace}/${host}`, `${random.pick(namespaces)}/${random.pick(hosts)}`],
      namespaces.flatMap((each) => hosts.map((known) => `${each}/${known}`)),
    ]);
  }
  return random.pick<readonly string[]>([
    ['*/*'],
    ['*/*'],
    ['./*'],
    ['./*', `${namespace}/*`],
    [`*/${host}`, './*'],
    ['*/*.example.com'],
    ['*/*.local', `${namespace}/${host}`],
    ['*/*', `~${namespace}/*`],
    ['*/*', `~*/${host}`],
    ['*/*', `~./${host}`],
  ]);
}

function virtualService(
  random: Random,
  index: number,
  ports: readonly number[],
  redirects: boolean,
): JsonObject {
  const host = random.pick(hosts);
  const named = redirects && random.chance(0.6) ? '*.example.com' : host;
  const port = random.pick(ports as [number, ...number[]]);
  const limits: JsonObject = {
    ...(random.chance(0.5) ? { port } : {}),
    ...random.pick<JsonObject>([
      {},
      {},
      {},
      { sourceLabels: { app: 'client' } },
      { sourceLabels: { app: 'other' } },
      { sourceNamespace: 'shop' },
      { gateways: ['mesh'] },
    ]),
  };
  const subnets = (): readonly string[] =>
    random.shuffle(['10.1.0.0/16', '10.2.0.0/16', '10.1.0.1']).slice(0, 1 + random.next(2));
  const route = [{ destination: { host, port: { number: port } } }];
  const tls = {
    match: [
      {
        ...limits,
        sniHosts: [host],
        ...(random.chance(0.15) ? { destinationSubnets: subnets() } : {}),
      },
    ],
    route,
  };
  const tcp = random.pick<JsonObject>([
    { route },
    { match: [limits], route },
    { match: [{ ...limits, destinationSubnets: subnets() }], route },
  ]);
  const namespace = random.pick(namespaces);
  const exportTo = exportsOf(random, namespace);
  return istioObject(
    'VirtualService',
    namespace,
    `routes-${String(index)}`,
    {
      hosts: [named],
      ...(exportTo === undefined ? {} : { exportTo }),
      ...(random.chance(0.5) ? { tls: [tls] } : { tcp: [tcp] }),
    },
    age(random),
  );
}

/** Istio refuses a namespace that is named twice, `.` being the own one. */
function exportsOf(random: Random, own: string): readonly string[] | undefined {
  const exports = random.pick<readonly string[] | undefined>([
    undefined,
    undefined,
    undefined,
    ['*'],
    ['.'],
    ['mail'],
    ['.', 'data'],
    ['shop', 'mail'],
  ]);
  return exports?.includes('.') ? exports.filter((name) => name !== own) : exports;
}

/** An age that no other entry of these hosts has: between such, Istio's order is not defined. */
function ageOf(
  random: Random,
  index: number,
  owners: readonly string[],
  taken: Set<string>,
): string {
  const time = age(random);
  const keys = owners.map((owner) => `${owner}@${time}`);
  const tied = keys.some((key) => taken.has(key));
  for (const key of keys) {
    taken.add(key);
  }
  return tied ? time.replace(':00Z', `:${String(index).padStart(2, '0')}Z`) : time;
}

function age(random: Random): string {
  return `2026-01-0${String(1 + random.next(4))}T00:00:00Z`;
}
