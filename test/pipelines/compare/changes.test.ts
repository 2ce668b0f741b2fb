import { describe, expect, test } from '@jest/globals';
import { changesOf, type Changes } from '../../../pipelines/compare/changes.ts';
import { hiddenValue } from '../../../pipelines/compare/mask.ts';
import { pairManifests } from '../../../pipelines/compare/pair-manifests.ts';
import { manifestsOf } from './manifests.ts';

function compare(before: string, after: string): Changes {
  return changesOf(pairManifests(manifestsOf(before), manifestsOf(after)), 'istio-system');
}

function summary(before: string, after: string): readonly string[] {
  return compare(before, after).changes.map(
    ({ change, object, previousName }) =>
      `${change} ${object.kind} ${object.name}${previousName === undefined ? '' : ` from ${previousName}`}`,
  );
}

function service(name: string, rest = '', namespace = 'shop'): string {
  return `apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}, labels: {app: ${name}}}
spec: {type: ClusterIP, selector: {app: ${name}}, ports: [{name: http, port: 80, targetPort: 8080}]${rest}}
`;
}

function workload(metadata: string, template: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop, ${metadata}}
spec: {template: {metadata: {${template}}, spec: {containers: [{name: app, image: a}]}}}
`;
}

describe('which object is which', () => {
  test('another API version is the same object', () => {
    const rule = (version: string): string =>
      `apiVersion: networking.istio.io/${version}\nkind: Sidecar\nmetadata: {name: a, namespace: b}\n`;
    expect(compare(rule('v1'), rule('v1beta1')).changes[0]?.fields).toEqual([
      { at: '/apiVersion', before: 'networking.istio.io/v1', after: 'networking.istio.io/v1beta1' },
    ]);
  });

  test('another group with the same kind is another object', () => {
    const gateway = (group: string): string =>
      `apiVersion: ${group}/v1\nkind: Gateway\nmetadata: {name: a, namespace: b}\n`;
    expect(
      summary(gateway('networking.istio.io'), gateway('gateway.networking.k8s.io')),
    ).toHaveLength(2);
  });

  test('a new name with the same body is a rename, and names itself anew in labels and selectors', () => {
    expect(summary(service('orders'), service('purchases'))).toEqual([
      'renamed Service purchases from orders',
    ]);
  });

  test('a new name with another body is not', () => {
    const other = service('b')
      .replace('8080', '9')
      .replace('http', 'tcp')
      .replace('port: 80', 'port: 1');
    expect(summary(service('a'), other)).toEqual(['removed Service a', 'added Service b']);
  });

  test('a move to another namespace is not', () => {
    expect(summary(service('a'), service('a', '', 'bank'))).toEqual([
      'added Service a',
      'removed Service a',
    ]);
  });

  test('what Kustomize generates is matched across its hash', () => {
    const map = (hash: string, value: string): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings-${hash}, namespace: istio-system}\ndata: {a: "${value}"}\n`;
    expect(summary(map('42m8kbgh6t', '1'), map('9f7dd2c5tk', '2'))).toEqual([
      'renamed ConfigMap settings-9f7dd2c5tk from settings-42m8kbgh6t',
    ]);
  });

  test('one object in two files is compared file by file', () => {
    const before = [
      ...manifestsOf(service('a'), 'one.yaml'),
      ...manifestsOf(service('a', ', x: 1'), 'two.yaml'),
    ];
    const after = [
      ...manifestsOf(service('a', ', x: 1'), 'two.yaml'),
      ...manifestsOf(service('a'), 'one.yaml'),
    ];
    expect(changesOf(pairManifests(before, after), 'istio-system').changes).toEqual([]);
  });

  test('a file that moves is no change', () => {
    const pairs = pairManifests(
      manifestsOf(service('a'), 'x.yaml'),
      manifestsOf(service('a'), 'y/z.yaml'),
    );
    expect(changesOf(pairs, 'istio-system').changes).toEqual([]);
  });

  test('an item of a List is an object', () => {
    const list = `apiVersion: v1\nkind: List\nitems:\n- ${service('a').trim().replaceAll('\n', '\n  ')}\n`;
    expect(compare(service('a'), list).changes).toEqual([]);
  });
});

describe('what is left out', () => {
  test('status and the bookkeeping of the API server', () => {
    const noisy = service('a').replace(
      'labels:',
      'generation: 4, resourceVersion: "9", uid: u, managedFields: [{manager: m}], annotations: {kubectl.kubernetes.io/last-applied-configuration: "{}"}, labels:',
    );
    expect(compare(service('a'), `${noisy}status: {loadBalancer: {}}\n`).changes).toEqual([]);
  });

  test('what charts stamp is counted, on the object and on its template', () => {
    const before = workload(
      'labels: {helm.sh/chart: a-1, app.kubernetes.io/version: "1"}',
      'annotations: {checksum/config: x}',
    );
    const after = workload('labels: {helm.sh/chart: a-2}', 'annotations: {checksum/config: y}');
    expect(compare(before, after)).toEqual({ changes: [], chartStamps: 3, counts: [] });
  });

  test('a label that carts nothing of a chart is a change', () => {
    const changes = compare(
      workload('labels: {version: v1}', ''),
      workload('labels: {version: v2}', ''),
    );
    expect(changes.changes[0]?.fields[0]?.at).toBe('/metadata/labels/version');
  });
});

describe('secrets', () => {
  const secret = (data: string): string =>
    `apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: a}\ndata: ${data}\nstringData: {plain: hush}\n`;

  test('show which key changed and nothing of its value', () => {
    const { changes } = compare(secret('{a: b2xk, b: c2FtZQ==}'), secret('{a: bmV3, b: c2FtZQ==}'));
    expect(changes[0]?.fields).toEqual([
      { at: '/data/a', before: hiddenValue, after: hiddenValue },
    ]);
  });

  test('stay hidden when they come whole', () => {
    const text = JSON.stringify(compare('', secret('{a: b2xk}')).changes);
    expect(text).toContain('"a":"(hidden)"');
    expect(text).not.toMatch(/b2xk|hush/u);
  });

  test('a private key is hidden wherever it stands', () => {
    const filter = (key: string): string =>
      `apiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter\nmetadata: {name: f, namespace: a}\nspec: {configPatches: [{patch: {value: {key: "-----BEGIN RSA PRIVATE KEY-----${key}"}}}]}\n`;
    const text = JSON.stringify(compare(filter('one'), filter('two')).changes);
    expect(text).toContain('"before":"(hidden)","after":"(hidden)"');
  });
});

test('objects that make the mesh come first, then by namespace, kind and name', () => {
  const ingress =
    'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, namespace: a}\n';
  const map = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m, namespace: a}\n';
  const all = [ingress, map, service('b'), service('a'), service('c', '', 'bank')].join('---\n');
  expect(summary('', all)).toEqual([
    'added Service c',
    'added Service a',
    'added Service b',
    'added ConfigMap m',
    'added Ingress i',
  ]);
});
