import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { catalogue } from '../../../policies/index.ts';
import { fakeContext, requestFor, reviewOf } from '../../support/admission/fake-gate.ts';
import { startGateServer, type GateServer } from '../../support/admission/gate-server.ts';
import { verifyAnswer } from '../../support/admission/verify-answer.ts';
import { seededRandom, type Random } from '../../support/random.ts';

type Tree = Record<string, unknown> | unknown[];

const labels = { app: 'ledger' };
const spec = {
  terminationGracePeriodSeconds: 30,
  hostNetwork: false,
  containers: [
    {
      name: 'app',
      ports: [{ containerPort: 5000 }],
      lifecycle: { preStop: { exec: { command: ['sleep', '5'] }, sleep: { seconds: 5 } } },
      env: [{ name: 'A', value: 'b' }],
    },
  ],
  initContainers: [{ name: 'istio-proxy', restartPolicy: 'Always' }],
};
const metadata = {
  name: 'ledger',
  namespace: 'shop',
  labels,
  annotations: {
    'proxy.istio.io/config': 'terminationDrainDuration: 10s\nproxyMetadata:\n  A: "b"\n',
    'sidecar.istio.io/inject': 'true',
    'meshgate.dev/connection-ttl': '30s',
    'meshgate.dev/exempt': 'drain/grace-covers-ttl: known',
    'meshgate.dev/filled': '[]',
  },
  ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'x', controller: true }],
};
const objects: readonly Record<string, unknown>[] = [
  { apiVersion: 'v1', kind: 'Pod', metadata, spec },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { replicas: 1, template: { metadata, spec } },
  },
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata,
    spec: {
      host: 'ledger',
      exportTo: ['*'],
      workloadSelector: { matchLabels: labels },
      trafficPolicy: {
        connectionPool: { tcp: { maxConnectionDuration: '30s' }, http: { idleTimeout: '5s' } },
        portLevelSettings: [{ port: { number: 5000 }, connectionPool: { tcp: {} } }],
      },
      subsets: [{ name: 'v1', labels, trafficPolicy: { connectionPool: {} } }],
    },
  },
  {
    apiVersion: 'networking.istio.io/v1beta1',
    kind: 'VirtualService',
    metadata,
    spec: {
      hosts: ['ledger'],
      gateways: ['mesh'],
      tcp: [{ match: [{ port: 1 }], route: [{ destination: { host: 'ledger', subset: 'v1' } }] }],
      http: [{ route: [{ destination: { host: 'ledger' }, weight: 1 }] }],
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { selector: labels, ports: [{ name: 'tcp', port: 5000, appProtocol: 'tcp' }] },
  },
  {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { ...metadata, labels: { 'istio-injection': 'enabled' } },
  },
];
const mesh = objects.slice(2);
const oddValues: readonly [unknown, ...unknown[]] = [
  null,
  true,
  false,
  0,
  -1,
  1e308,
  3.5,
  '',
  'text',
  '\u0000',
  '💾\ud800',
  '../..',
  '__proto__',
  'constructor',
  'x'.repeat(5000),
  [],
  [null],
  [[]],
  {},
  { __proto__: null },
  { constructor: 1 },
  { toString: 1 },
  JSON.parse('{"__proto__":{"uid":"x"}}'),
  [{ name: {} }],
  '1'.repeat(400),
  '9h9h',
  'a: [b',
  'a: &x [*x]',
  '{"a":',
  'terminationDrainDuration: {}',
  'proxyMetadata: 5',
];

/** Puts an odd value in a random place, takes a member out, or adds one with a troublesome name. */
function mutateAnywhere(tree: Tree, random: Random): void {
  let at = tree;
  for (;;) {
    const keys = Object.keys(at);
    const key = keys[random.next(Math.max(keys.length, 1))];
    if (key === undefined) {
      return;
    }
    const inner = (at as Record<string, unknown>)[key];
    if (typeof inner === 'object' && inner !== null && random.chance(0.8)) {
      at = inner as Tree;
      continue;
    }
    if (random.chance(0.1)) {
      Reflect.deleteProperty(at, key);
    } else {
      const name = random.chance(0.1)
        ? random.pick(['__proto__', 'constructor', 'length', '0'])
        : key;
      Object.defineProperty(at, name, {
        value: random.pick(oddValues),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return;
  }
}

describe.each([['warn'], ['enforce']] as const)('odd bodies in mode %s', (mode) => {
  let gate: GateServer;
  beforeAll(async () => {
    const context = fakeContext(catalogue, mode, mesh);
    gate = await startGateServer({ context: () => context });
  });
  afterAll(() => gate.close());

  test('of thousands of kinds are answered in form', async () => {
    const random = seededRandom(7);
    const operations = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] as const;
    for (let round = 0; round < 2500; round += 1) {
      const object = random.pick(
        objects as [Record<string, unknown>, ...Record<string, unknown>[]],
      );
      const operation = random.pick(operations);
      const request = requestFor(object, {
        operation: random.chance(0.6) ? 'CREATE' : operation,
        oldObject: random.chance(0.5) ? requestFor(object).object : undefined,
      });
      const review = JSON.parse(reviewOf(request)) as {
        request: { uid: unknown; object: unknown };
      };
      const times = random.next(3) + 1;
      for (let index = 0; index < times; index += 1) {
        const { request: inner } = review;
        const within = random.chance(0.85) && typeof inner === 'object' && inner !== null;
        mutateAnywhere(within ? inner : review, random);
      }
      const body = JSON.stringify(review);
      const read = JSON.parse(body) as {
        apiVersion?: unknown;
        request?: { uid?: unknown; object?: unknown };
      };
      const path = random.pick(['mutate', 'validate']);
      const answer = await gate.post(`/${path}?timeout=5s`, body);
      const uid = read.request?.uid;
      if (typeof uid === 'string' && uid !== '') {
        verifyAnswer(answer, { gate: path as 'mutate', uid, object: read.request?.object });
      } else {
        expect(answer.status).toBe(400);
      }
    }
    expect(gate.log.filter(({ msg }) => msg === 'review failed')).toEqual([]);
  }, 300_000);

  test.each([
    ['lists', '['.repeat(200_000), ']'.repeat(200_000)],
    ['objects', '{"a":'.repeat(200_000) + '1', '}'.repeat(200_000)],
  ])('nested in %s more deeply than the stack are answered in form', async (_, open, close) => {
    const deep = `${open}${close}`;
    for (const path of ['mutate', 'validate'] as const) {
      for (const operation of ['CREATE', 'UPDATE'] as const) {
        const request = requestFor(objects[0], {
          operation,
          oldObject: requestFor(objects[0]).object,
        });
        const body = reviewOf(request).replace('"spec":{', `"spec":{"deep":${deep},`);
        const answer = await gate.post(`/${path}`, body);
        expect(answer.status).toBe(200);
        expect(answer.text).toContain('"uid":"u-1"');
      }
    }
  });
});
