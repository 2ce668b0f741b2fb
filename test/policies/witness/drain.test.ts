import { expect, test } from '@jest/globals';
import { stringIn, type JsonObject } from '../../../policies/core/json.ts';
import { servicePortProtocol } from '../../../policies/mesh/protocol.ts';
import { describeWith } from '../../support/describe-with.ts';
import { chainsOf, filterOf, findOracle, xdsOf } from '../../support/oracle.ts';
import {
  asYaml,
  clientPod,
  istioObject,
  meshConfigObject,
  namespaceObject,
  serviceObjects,
  type ServicePort,
} from '../../support/witness-mesh.ts';
import { randomMesh } from './random-mesh.ts';
import { istioTtls, ourTtls, type SeenTtl, type Target } from './seen-ttls.ts';

const oracle = findOracle();
const program = 'program' in oracle ? oracle.program : '';
const missing = 'missing' in oracle ? oracle.missing : undefined;
const ledger = 'ledger.shop.svc.cluster.local';
const archive = 'archive.shop.svc.cluster.local';
const ttl = { connectionPool: { tcp: { maxConnectionDuration: '60s' } } };
const otherPool = { connectionPool: { tcp: { connectTimeout: '1s' } } };
const tcp: Target = target(7000, 'tcp');
const http: Target = target(80, 'http');
const randomMeshes = 100;

function target(port: number, protocol: 'tcp' | 'http'): Target {
  return { namespace: 'shop', name: 'ledger', port, protocol, podAddress: '10.8.0.1' };
}

function meshWith(...objects: readonly JsonObject[]): string {
  const ports = [
    { name: 'tcp-ledger', port: 7000 },
    { name: 'http', port: 80 },
  ];
  return asYaml([
    ...['shop', 'mail', 'istio-system'].map(namespaceObject),
    clientPod('shop', 0),
    clientPod('mail', 1),
    ...serviceObjects('shop', 'ledger', ports, { service: '10.96.0.1', pod: '10.8.0.1' }),
    ...serviceObjects('shop', 'archive', ports, { service: '10.96.0.2', pod: '10.8.0.2' }),
    ...objects,
  ]);
}

function rule(spec: JsonObject, namespace = 'shop', name = 'ledger'): JsonObject {
  return istioObject('DestinationRule', namespace, name, { host: ledger, ...spec });
}

function routes(spec: JsonObject): JsonObject {
  return istioObject('VirtualService', 'shop', 'ledger', { hosts: [ledger], ...spec });
}

interface Case {
  readonly name: string;
  readonly client?: string;
  readonly objects: readonly JsonObject[];
  readonly tcp: SeenTtl;
  readonly http: SeenTtl;
}

const subset = { name: 'v1', labels: { version: 'v1' }, trafficPolicy: ttl };
const toSubset = { destination: { host: ledger, subset: 'v1' } };
const cases: readonly Case[] = [
  { name: 'no rule', objects: [], tcp: 'unbounded', http: 'unbounded' },
  { name: 'top level', objects: [rule({ trafficPolicy: ttl })], tcp: '60s', http: '60s' },
  {
    name: 'port level bounds HTTP only',
    objects: [
      rule({
        trafficPolicy: {
          portLevelSettings: [7000, 80].map((number) => ({ port: { number }, ...ttl })),
        },
      }),
    ],
    tcp: 'unbounded',
    http: '60s',
  },
  {
    name: 'a port level without a TTL replaces the top level for HTTP, not for TCP',
    objects: [
      rule({
        trafficPolicy: {
          ...ttl,
          portLevelSettings: [7000, 80].map((number) => ({ port: { number }, ...otherPool })),
        },
      }),
    ],
    tcp: '60s',
    http: 'unbounded',
  },
  {
    name: 'a subset bounds HTTP only',
    objects: [
      rule({ subsets: [subset] }),
      routes({ http: [{ route: [toSubset] }], tcp: [{ route: [toSubset] }] }),
    ],
    tcp: 'unbounded',
    http: '60s',
  },
  {
    name: 'an exact rule hides a wildcard',
    objects: [
      rule({ trafficPolicy: { loadBalancer: { simple: 'RANDOM' } } }),
      rule({ host: '*.shop.svc.cluster.local', trafficPolicy: ttl }, 'shop', 'wide'),
    ],
    tcp: 'unbounded',
    http: 'unbounded',
  },
  {
    name: 'an exact rule for other clients hides a wildcard too',
    objects: [
      rule({ trafficPolicy: ttl, workloadSelector: { matchLabels: { app: 'nobody' } } }),
      rule({ host: '*.shop.svc.cluster.local', trafficPolicy: ttl }, 'shop', 'wide'),
    ],
    tcp: 'unbounded',
    http: 'unbounded',
  },
  {
    name: 'a rule that is not exported',
    client: 'mail/client',
    objects: [rule({ trafficPolicy: ttl, exportTo: ['.'] })],
    tcp: 'unbounded',
    http: 'unbounded',
  },
  {
    name: 'a rule that is exported by name',
    client: 'mail/client',
    objects: [rule({ trafficPolicy: ttl, exportTo: ['mail'] })],
    tcp: '60s',
    http: '60s',
  },
  {
    name: "a name does not include the rule's own namespace",
    objects: [rule({ trafficPolicy: ttl, exportTo: ['mail'] })],
    tcp: 'unbounded',
    http: 'unbounded',
  },
  {
    name: "a rule of the client's namespace wins",
    client: 'mail/client',
    objects: [rule({ trafficPolicy: ttl }), rule({ trafficPolicy: otherPool }, 'mail')],
    tcp: 'unbounded',
    http: 'unbounded',
  },
  {
    name: 'a rule of the root namespace reaches everybody',
    client: 'mail/client',
    objects: [rule({ host: '*.local', trafficPolicy: ttl }, 'istio-system')],
    tcp: '60s',
    http: '60s',
  },
  {
    name: 'a weighted TCP route takes the rule of its first destination',
    objects: [
      rule({ trafficPolicy: ttl }),
      routes({
        tcp: [
          {
            route: [
              { destination: { host: archive }, weight: 10 },
              { destination: { host: ledger }, weight: 90 },
            ],
          },
        ],
      }),
    ],
    tcp: 'unbounded',
    http: '60s',
  },
  {
    name: "the mesh's default policy bounds HTTP only",
    objects: [meshConfigObject({ defaultTrafficPolicy: ttl })],
    tcp: 'unbounded',
    http: '60s',
  },
  {
    name: "a pool of the rule's own loses the mesh's default",
    objects: [meshConfigObject({ defaultTrafficPolicy: ttl }), rule({ trafficPolicy: otherPool })],
    tcp: 'unbounded',
    http: 'unbounded',
  },
];

const portCases: readonly ServicePort[] = [
  { name: 'tcp', port: 7001 },
  { name: 'TCP-x', port: 7002 },
  { name: 'http', port: 7003 },
  { name: 'http2-x', port: 7004 },
  { name: 'grpc-x', port: 7005 },
  { name: 'grpc-web-x', port: 7006 },
  { name: 'https', port: 7007 },
  { name: 'tls-x', port: 7008 },
  { name: 'mongo', port: 7009 },
  { name: 'redis-x', port: 7010 },
  { name: 'mysql', port: 7011 },
  { name: 'postgres', port: 7012 },
  { name: 'tcpdb', port: 7013 },
  { name: 'grpcweb', port: 7014 },
  { name: 'x', port: 5432 },
  { name: 'y', port: 3306 },
  { name: 'z', port: 27017 },
  { name: 'smtp', port: 25 },
  { name: 'domain', port: 53 },
  { name: 'kafka', port: 9092 },
  { name: 'tcp-pg', port: 7015, appProtocol: 'postgresql' },
  { name: 'bad', port: 7016, appProtocol: 'tcp' },
  { name: 'h2c', port: 7017, appProtocol: 'kubernetes.io/h2c' },
  { name: 'ws', port: 7018, appProtocol: 'kubernetes.io/ws' },
  { name: 'wss', port: 7019, appProtocol: 'kubernetes.io/wss' },
  { name: 'http-proxy', port: 7020, appProtocol: 'HTTP_PROXY' },
  { name: 'http-udp', port: 7021, protocol: 'UDP' },
  { name: 'odd-appprotocol', port: 7022, appProtocol: 'mysql' },
];

describeWith(missing, 'what the real Istio does with TTLs', () => {
  test.each(cases)('$name', async (given) => {
    const yaml = meshWith(...given.objects);
    const client = given.client ?? 'shop/client';
    const seen = await istioTtls(program, client, yaml, [tcp, http]);
    expect(seen).toEqual([given.tcp, given.http]);
    expect(ourTtls(client, yaml, [tcp, http])).toEqual(seen);
  });

  test("the proxy's own connection settings bound HTTP on the inbound side, never TCP", async () => {
    const connectionSettings = { httpMaxConnectionDuration: '60s' };
    const yaml = meshWith(meshConfigObject({ defaultConfig: { connectionSettings } }));
    expect(ourTtls('shop/client', yaml, [tcp, http])).toEqual(['unbounded', '60s']);
    expect(await istioTtls(program, 'shop/client', yaml, [tcp])).toEqual(['unbounded']);
  });

  test('the protocol of a port is what istiod makes of it', async () => {
    const yaml = asYaml([
      namespaceObject('shop'),
      clientPod('shop', 0),
      ...serviceObjects('shop', 'ports', portCases, { service: '10.96.0.9', pod: '10.8.0.9' }),
    ]);
    const { listeners } = await xdsOf(program, 'shop/client', yaml);
    for (const port of portCases) {
      const own = listeners.find(
        (listener) => stringIn(listener, 'name') === `10.96.0.9_${port.port}`,
      );
      const shared = listeners.find(
        (listener) => stringIn(listener, 'name') === `0.0.0.0_${port.port}`,
      );
      const chains = chainsOf(own ?? shared ?? {});
      const speaksHttp = chains.some((chain) => filterOf(chain, 'http_connection_manager'));
      expect([port, listenerKind(own !== undefined, shared !== undefined, speaksHttp)]).toEqual([
        port,
        expectedListener(port),
      ]);
    }
  });

  test('connections in random meshes live as long as we say', async () => {
    const seeds = Array.from({ length: randomMeshes }, (_, index) => index + 1);
    const disagreements: unknown[] = [];
    const compareNext = async (): Promise<void> => {
      for (let seed = seeds.pop(); seed !== undefined; seed = seeds.pop()) {
        const { yaml, client, targets } = randomMesh(seed);
        const real = await istioTtls(program, client, yaml, targets);
        const ours = ourTtls(client, yaml, targets);
        for (const [index, { name, port }] of targets.entries()) {
          if (real[index] !== ours[index]) {
            disagreements.push({ seed, client, name, port, real: real[index], ours: ours[index] });
          }
        }
      }
    };
    await Promise.all([compareNext(), compareNext()]);
    expect(disagreements).toEqual([]);
  }, 600_000);
});

type ListenerKind = 'raw' | 'http' | 'sniffed' | 'none';

function listenerKind(own: boolean, shared: boolean, speaksHttp: boolean): ListenerKind {
  if (own) {
    return speaksHttp ? 'sniffed' : 'raw';
  }
  return shared ? 'http' : 'none';
}

function expectedListener(port: ServicePort): ListenerKind {
  const protocol = servicePortProtocol({ ...port });
  if (protocol === 'UDP') {
    return 'none';
  }
  if (protocol === 'sniffed') {
    return 'sniffed';
  }
  return (protocol.startsWith('HTTP') && protocol !== 'HTTPS') || protocol.startsWith('GRPC')
    ? 'http'
    : 'raw';
}
