import type { JsonObject } from '../../../policies/core/json.ts';
import { seededRandom, type Random } from '../../support/random.ts';
import {
  asYaml,
  clientPod,
  istioObject,
  meshConfigObject,
  namespaceObject,
  serviceObjects,
  type ServicePort,
} from '../../support/witness-mesh.ts';
import type { Target } from './seen-ttls.ts';

/** A mesh as the real Istio takes it, a client in it, and what that client may dial. */
export interface RandomMesh {
  readonly yaml: string;
  /** `namespace/name` of the asking Pod. */
  readonly client: string;
  readonly targets: readonly Target[];
}

const namespaces = ['shop', 'mail', 'other'] as const;
const ruleNamespaces = [...namespaces, 'istio-system'] as const;
const services = ['a', 'b', 'c', 'd'] as const;
const portChoices = [
  { name: 'tcp-x', port: 7000 },
  { name: 'http-x', port: 80 },
  { name: 'x', port: 5000 },
  { name: 'redis', port: 6379 },
  { name: 'grpc', port: 90 },
  { name: 'tls-x', port: 8443 },
] as const satisfies readonly [ServicePort, ...ServicePort[]];
const httpPorts: ReadonlySet<number> = new Set([80, 90]);
const ttls = ['30s', '60s', '90s'] as const;

/** A mesh with a handful of Services and whatever rules and routes the seed wants of them. */
export function randomMesh(seed: number): RandomMesh {
  const random = seededRandom(seed);
  const clientNamespace = random.pick(namespaces);
  const objects: JsonObject[] = [
    ...ruleNamespaces.map((namespace) => namespaceObject(namespace)),
    ...namespaces.map((namespace, index) => clientPod(namespace, index)),
    ...meshConfig(random),
  ];
  const targets: Target[] = [];
  for (const [index, name] of services.entries()) {
    const namespace = index < 3 ? 'shop' : 'mail';
    const ports = random.shuffle(portChoices).slice(0, 3);
    const podAddress = `10.8.0.${String(index + 1)}`;
    const addresses = { service: `10.96.0.${String(index + 1)}`, pod: podAddress };
    objects.push(...serviceObjects(namespace, name, ports, addresses));
    targets.push(
      ...ports.map(({ port }) => {
        const protocol = httpPorts.has(port) ? ('http' as const) : ('tcp' as const);
        return { namespace, name, port, protocol, podAddress };
      }),
    );
    if (random.chance(0.35)) {
      objects.push(virtualService(random, name));
    }
  }
  for (let index = random.next(8); index > 0; index -= 1) {
    objects.push(destinationRule(random, index));
  }
  return { yaml: asYaml(objects), client: `${clientNamespace}/client`, targets };
}

function meshConfig(random: Random): readonly JsonObject[] {
  if (random.chance(0.6)) {
    return [];
  }
  return [
    meshConfigObject({
      ...(random.chance(0.5) ? { defaultDestinationRuleExportTo: ['.'] } : {}),
      ...(random.chance(0.6) ? { defaultTrafficPolicy: pool('45s') } : {}),
    }),
  ];
}

function destinationRule(random: Random, index: number): JsonObject {
  const own = random.pick(ruleNamespaces);
  const service = random.pick(services);
  const namespace = service === 'd' ? 'mail' : 'shop';
  const host = random.pick([
    `${service}.${namespace}.svc.cluster.local`,
    `${service}.${namespace}.svc.cluster.local`,
    `${service}.${namespace}.svc.cluster.local`,
    `*.${namespace}.svc.cluster.local`,
    '*.svc.cluster.local',
    '*.local',
  ]);
  const exportTo = random.pick<readonly string[] | undefined>([
    undefined,
    undefined,
    ['*'],
    ['.'],
    ['mail'],
    ['.', own === 'other' ? 'mail' : 'other'],
  ]);
  // istiod refuses a rule with a workloadSelector that is exported elsewhere.
  const selective = random.chance(0.12);
  const spec: JsonObject = {
    host,
    ...(exportTo === undefined || selective ? {} : { exportTo }),
    ...(selective ? { workloadSelector: { matchLabels: { app: 'nobody' } } } : {}),
    ...(random.chance(0.85) ? { trafficPolicy: policy(random) } : {}),
    ...(random.chance(0.6) ? { subsets: subsets(random) } : {}),
  };
  const created = `2026-01-0${String(1 + random.next(5))}T00:00:00Z`;
  return istioObject('DestinationRule', own, `rule-${index}`, spec, created);
}

function policy(random: Random): JsonObject {
  const top = random.pick<JsonObject>([
    pool(random.pick(ttls)),
    pool(random.pick(ttls)),
    { connectionPool: { tcp: { connectTimeout: '1s' } } },
    { connectionPool: { http: { idleTimeout: '30s' } } },
    { loadBalancer: { simple: 'RANDOM' } },
  ]);
  if (random.chance(0.6)) {
    return top;
  }
  const portLevelSettings = random
    .shuffle(portChoices)
    .slice(0, 2)
    .map(({ port }) => ({
      port: { number: port },
      ...(random.chance(0.5)
        ? pool(random.pick(ttls))
        : random.pick<JsonObject>([
            { loadBalancer: { simple: 'RANDOM' } },
            { connectionPool: { tcp: { connectTimeout: '1s' } } },
          ])),
    }));
  return { ...top, portLevelSettings };
}

function subsets(random: Random): readonly JsonObject[] {
  return ['v1', 'v2'].map((version) => ({
    name: version,
    labels: { version },
    ...(random.chance(0.5) ? { trafficPolicy: policy(random) } : {}),
  }));
}

function virtualService(random: Random, name: string): JsonObject {
  const host = hostOf(name);
  const namespace = name === 'd' ? 'mail' : 'shop';
  const route = (): JsonObject => ({ route: destinations(random, name) });
  const tcpMatch = random.chance(0.3) ? { match: [{ port: random.pick([7000, 6379, 5000]) }] } : {};
  const tcp = random.chance(0.7) ? [{ ...route(), ...tcpMatch }] : undefined;
  return istioObject('VirtualService', namespace, `routes-${name}`, {
    hosts: [host],
    ...(random.chance(0.2) ? { exportTo: ['.'] } : {}),
    ...(random.chance(0.7) || tcp === undefined ? { http: [route()] } : {}),
    ...(tcp === undefined ? {} : { tcp }),
    ...(random.chance(0.2)
      ? { tls: [{ ...route(), match: [{ port: 8443, sniHosts: [host] }] }] }
      : {}),
  });
}

function destinations(random: Random, name: string): readonly JsonObject[] {
  const first = random.chance(0.7) ? name : random.pick(services);
  const names = random.chance(0.5) ? [first] : [first, random.pick(services)];
  return names.map((to, index) => {
    const subset = random.pick([undefined, undefined, 'v1', 'v2']);
    return {
      destination: { host: hostOf(to), ...(subset === undefined ? {} : { subset }) },
      ...(names.length === 1 ? {} : { weight: index === 0 ? 10 : 90 }),
    };
  });
}

function hostOf(name: string): string {
  return `${name}.${name === 'd' ? 'mail' : 'shop'}.svc.cluster.local`;
}

function pool(ttl: string): JsonObject {
  return { connectionPool: { tcp: { maxConnectionDuration: ttl } } };
}
