import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../../policies/core/json.ts';
import type { LiveKind, LiveState } from '../../../pipelines/drift/live.ts';
import { compare, fieldsOf, objectsIn, owned } from '../../support/drift/compare.ts';

const peer = `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
`;
const [strict = {}] = objectsIn(peer);

function policy(metadata: JsonObject): JsonObject {
  return {
    apiVersion: 'security.istio.io/v1beta1',
    kind: 'AuthorizationPolicy',
    metadata: { name: 'extra', namespace: 'shop', ...metadata },
    spec: {},
  };
}

describe('whole objects', () => {
  test('one that is not there is missing', async () => {
    const report = await compare(peer, [policy({ ownerReferences: [{ uid: '1' }] })]);
    expect(report.drifts.map(({ verdict }) => verdict)).toEqual(['missing']);
    expect(report.coverage).toEqual({ judged: 1, declared: 1, live: 1 });
  });

  test('a mesh object that Git does not declare is extra in the namespaces of Git', async () => {
    const elsewhere = { name: 'extra', namespace: 'other' };
    const report = await compare(peer, [strict, policy({}), policy(elsewhere)]);
    expect(report.drifts.map(({ verdict, reference }) => [verdict, reference.namespace])).toEqual([
      ['extra', 'shop'],
    ]);
  });

  test.each([
    ['what another object owns', policy({ ownerReferences: [{ uid: '1' }] })],
    ['what is on its way out', policy({ deletionTimestamp: '2026-01-01T00:00:00Z' })],
    ['a kind of the cluster', { ...policy({}), apiVersion: 'v1', kind: 'ConfigMap' }],
    [
      'a machine that registered itself',
      {
        ...policy({ annotations: { 'istio.io/autoRegistrationGroup': 'vm' } }),
        apiVersion: 'networking.istio.io/v1',
        kind: 'WorkloadEntry',
      },
    ],
  ])('%s is never extra', async (_, live) => {
    expect((await compare(peer, [strict, live])).verdict).toBe('in-sync');
  });

  test('other kinds are extra where the configuration asks for them, or the same deployment left them', async () => {
    const map = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'left', namespace: 'shop' },
    };
    const asked = await compare(peer, [strict, map], { extraKinds: ['Service'] });
    expect(asked.drifts.map(({ verdict }) => verdict)).toEqual(['extra']);
    const annotations = {
      'meta.helm.sh/release-name': 'shop',
      'meta.helm.sh/release-namespace': 'x',
    };
    const mine = { ...strict, metadata: { name: 'default', namespace: 'shop', annotations } };
    const declared = `${peer}---\napiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: shop}\nspec: {ports: [{port: 1}]}\n`;
    const service = {
      ...map,
      metadata: { name: 'a', namespace: 'shop' },
      spec: { ports: [{ port: 1 }] },
    };
    const left = { ...map, metadata: { name: 'left', namespace: 'shop', annotations } };
    const pruned = await compare(declared, [mine, service, left]);
    expect(pruned.drifts.map(({ verdict, reference }) => `${verdict} ${reference.name}`)).toEqual([
      'extra left',
    ]);
  });

  test('a declared one that waits for its finalizers is unknown', async () => {
    const going = {
      ...strict,
      metadata: {
        ...(policy({})['metadata'] as JsonObject),
        name: 'default',
        deletionTimestamp: 'x',
      },
    };
    const report = await compare(peer, [going]);
    expect([report.verdict, fieldsOf(report)]).toEqual(['undetermined', ['unknown']]);
  });

  test('of several declarations the one that fits is taken', async () => {
    const other = peer.replace('STRICT', 'PERMISSIVE');
    expect((await compare(`${other}---\n${peer}`, [strict])).verdict).toBe('in-sync');
  });

  test('identity has no version', async () => {
    const old = { ...strict, apiVersion: 'security.istio.io/v1beta1' };
    expect((await compare(peer, [old])).inSync).toEqual(['PeerAuthentication shop/default']);
  });

  test('hooks and objects that the server names are left out', async () => {
    const hook = peer.replace(
      'namespace: shop',
      'namespace: shop, annotations: {helm.sh/hook: test}',
    );
    const named =
      'apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: a-, namespace: shop}\n';
    const report = await compare(`${hook.replace('default', 'x')}---\n${named}---\n${peer}`, [
      strict,
    ]);
    expect([report.verdict, report.coverage.declared]).toEqual(['in-sync', 1]);
  });
});

describe('what cannot be read', () => {
  function source(give: (wanted: { apiVersion: string; kind: string }) => LiveKind): LiveState {
    return {
      cluster: 'test',
      async *kinds(wanted) {
        for (const kind of wanted) yield await Promise.resolve(give(kind));
      },
    };
  }

  async function* broken(): AsyncGenerator<JsonObject> {
    yield await Promise.resolve(policy({}));
    throw new Error('the list broke off');
  }

  async function* none(): AsyncGenerator<JsonObject> {
    // Nothing lives.
  }

  test('a kind that breaks off costs that kind alone, and is never called missing', async () => {
    const live = source((kind) => ({
      ...kind,
      objects: kind.kind === 'PeerAuthentication' ? broken() : none(),
    }));
    const report = await compare(peer, live);
    expect(report.verdict).toBe('undetermined');
    expect(report.drifts).toEqual([]);
    expect(report.unknown).toEqual([
      { object: 'PeerAuthentication shop/default', why: 'the list broke off' },
    ]);
  });

  test('a kind that the source does not give, or that is not served, is undetermined', async () => {
    const live = source((kind) => ({ ...kind, undetermined: 'not served', served: false }));
    expect((await compare(peer, live)).unknown).toHaveLength(1);
    const silent: LiveState = {
      cluster: 'test',
      async *kinds() {
        // Gives nothing.
      },
    };
    expect((await compare(peer, silent)).verdict).toBe('undetermined');
  });

  test('what seems to drift is read once more before it is reported', async () => {
    const permissive = { ...strict, spec: { mtls: { mode: 'PERMISSIVE' } } };
    const asked: string[] = [];
    const live: LiveState = {
      ...source((kind) => ({
        ...kind,
        objects: kind.kind === 'PeerAuthentication' ? only(permissive) : none(),
      })),
      reread: ({ name }) => {
        asked.push(name);
        return Promise.resolve(strict);
      },
    };
    expect((await compare(peer, live)).verdict).toBe('in-sync');
    expect(asked).toEqual(['default']);
    const failing = { ...live, reread: () => Promise.reject(new Error('gone away')) };
    expect((await compare(peer, failing)).drifts[0]).toMatchObject({ verdict: 'unknown' });
  });

  async function* only(object: JsonObject): AsyncGenerator<JsonObject> {
    yield await Promise.resolve(object);
  }
});

describe('ignore rules', () => {
  const route = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http:
  - name: main
    route: [{destination: {host: a}, weight: 100}, {destination: {host: b}, weight: 0}]
`;
  const [mine = {}] = objectsIn(route);
  const [moved = {}] = objectsIn(route.replace('100', '90').replace('weight: 0', 'weight: 10'));
  const live = owned(moved, ['flagger', { spec: { http: {} } }, 'Update']);
  const common = { reason: 'canary', expires: '2026-12-31' };

  test('a rule with list keys, a star, a manager and bounds explains what it names', async () => {
    const at = '/spec/http/[name=main]/route/*/weight';
    const rule = { kind: 'VirtualService', at, manager: 'flagger', ...common };
    const report = await compare(route, [live], { ignore: [rule] });
    expect(report.verdict).toBe('in-sync');
    expect(report.ignored).toEqual([
      expect.objectContaining({ source: 'configuration', count: 2 }),
    ]);
    const bounded = await compare(route, [live], { ignore: [{ ...rule, maximum: 50 }] });
    expect(fieldsOf(bounded)).toEqual(['changed /spec/http/0/route/0/weight flagger']);
  });

  test.each([
    ['another manager', { manager: 'argo*' }],
    ['another element', { at: '/spec/http/[name=other]/route' }],
    ['another name', { name: 'api*' }],
    ['a day that is over', { name: 'web', expires: '2026-01-01' }],
  ])('a rule for %s explains nothing, and is reported', async (_, rule) => {
    const report = await compare(route, [live], { ignore: [{ ...common, ...rule }] });
    expect(report.verdict).toBe('drift');
    expect(report.unusedRules).toHaveLength(1);
  });

  test('a rule without a field covers the object, missing or not', async () => {
    const ignore = [{ kind: 'VirtualService', name: 'web', ...common }];
    expect(
      (await compare(route, [policy({ ownerReferences: [{ uid: '1' }] })], { ignore })).verdict,
    ).toBe('in-sync');
    expect((await compare(route, [mine], { ignore })).unusedRules).toHaveLength(1);
  });

  test('weights of canary controllers are ignored on request, and no others', async () => {
    expect((await compare(route, [live], { canaryWeights: true })).verdict).toBe('in-sync');
    const other = owned(moved, ['kubectl-edit', { spec: { http: {} } }, 'Update']);
    expect((await compare(route, [other], { canaryWeights: true })).verdict).toBe('drift');
  });
});

test('what the drift breaks is told by the policies, and what Git has wrong itself is not', async () => {
  const namespace =
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: enabled}}\n';
  const entry = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: db, namespace: shop}
spec:
  hosts: [db.example.com]
  addresses: [10.1.2.3]
  ports: [{number: 5432, name: tcp-db, protocol: TCP}]
  resolution: DNS
  location: MESH_EXTERNAL
`;
  const [ns = {}, good = {}] = objectsIn(`${namespace}---\n${entry}`);
  const [, bad = {}] = objectsIn(`${namespace}---\n${entry.replace('5432', '0')}`);
  const clean = await compare(`${namespace}---\n${entry}`, [ns, good]);
  expect(clean.findings).toEqual([]);
  const report = await compare(`${namespace}---\n${entry}`, [ns, bad]);
  expect(report.verdict).toBe('drift');
  expect(report.findings.map(({ finding }) => finding.object.name)).toContain('db');
});
