import type { KustomizeJob } from '../../pipelines/render/wasm-jobs.ts';
import type { Random } from './random.ts';

const chances = { usual: 0.2, rare: 0.05 } as const;

/** A kustomization that uses much of what Kustomize knows, with a base, sometimes a component, and sometimes mistakes. */
export function randomKustomization(random: Random): KustomizeJob {
  const texts: Record<string, string> = {
    'base/kustomization.yaml': JSON.stringify({ resources: ['app.yaml'], ...options(random) }),
    'base/app.yaml': resources(random),
    'top/kustomization.yaml': JSON.stringify({
      resources: ['../base', ...(random.chance(chances.usual) ? ['more.yaml'] : [])],
      ...(random.chance(chances.usual) ? { components: ['../component'] } : {}),
      ...options(random),
    }),
    'top/more.yaml': resources(random).replaceAll('name: app', 'name: more'),
    'component/kustomization.yaml': JSON.stringify({
      apiVersion: 'kustomize.config.k8s.io/v1alpha1',
      kind: 'Component',
      ...options(random),
    }),
  };
  for (const folder of ['base', 'top', 'component']) {
    texts[`${folder}/labels.yaml`] = transformerFile(random);
    texts[`${folder}/fields.yaml`] =
      'commonLabels: [{path: spec/extra, create: true, kind: Service}]';
    texts[`${folder}/crd.json`] = JSON.stringify(crd);
  }
  const wrapper = JSON.stringify({
    resources: ['../tree/top'],
    buildMetadata: ['originAnnotations'],
    ...(random.chance(chances.usual) ? { namePrefix: 'from-outside-' } : {}),
  });
  return { kind: 'kustomize', texts, binaries: {}, wrapper };
}

const crd = {
  'example.com/v1.Shop': {
    Schema: {
      properties: {
        apiVersion: { type: 'string' },
        kind: { type: 'string' },
        metadata: { type: 'object' },
        spec: {
          properties: {
            secretRef: { 'x-kubernetes-object-ref-api-version': 'v1', type: 'object' },
          },
        },
      },
    },
  },
};

function resources(random: Random): string {
  const value = random.pick([
    '1',
    '"1"',
    'true',
    'on',
    '0777',
    '1e3',
    '~',
    'plain',
    '"a: b"',
    '2001-01-01',
    '1000000',
    '0.10',
    '-1',
    '[]',
    '{a: , b: [null, {}]}',
    "'it''s'",
    '"\\\\ü \\\\n"',
  ]);
  const block = random.pick([
    '|\n      a: 1\n\n        b: c',
    '>\n      a\n      b\n',
    '|+\n      a\n\n',
    '"1" # why',
  ]);
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
  annotations: {odd: ${random.pick(['"1"', 'text', value])}}
spec:
  replicas: 1
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec:
      containers:
        - name: app
          image: registry.example.com/app:1
          env: [{name: A, value: ${value}}, {name: B, valueFrom: {configMapKeyRef: {name: settings, key: a}}}]
---
apiVersion: v1
kind: Service
metadata:
  name: app
  namespace: ${random.pick(['shop', 'other'])}
  annotations:
    block: ${block}
spec: {selector: {app: app}, ports: [{name: tcp, port: 7000}], odd: ${value}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: app}
spec: {host: app.shop.svc.cluster.local, trafficPolicy: {connectionPool: {tcp: {maxConnections: 5}}}}
`;
}

function transformerFile(random: Random): string {
  return random.pick([
    'apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: l}\nlabels: {extra: "yes"}\nfieldSpecs: [{path: metadata/labels, create: true}]\n',
    'apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: p}\nprefix: t-\nfieldSpecs: [{path: metadata/name}]\n',
    'apiVersion: builtin\nkind: AnnotationsTransformer\nmetadata: {name: a}\nannotations: {n: 5}\nfieldSpecs: [{path: metadata/annotations, create: true}]\n',
    'apiVersion: builtin\nkind: NamespaceTransformer\nmetadata: {name: n, namespace: moved}\nunsetOnly: true\n',
    'apiVersion: builtin\nkind: ImageTagTransformer\nmetadata: {name: i}\nimageTag: {name: registry.example.com/app, newTag: "9"}\n',
  ]);
}

const deployment = { target: { kind: 'Deployment' } };

/** Values are what somebody may write, right or wrong. */
function options(random: Random): Readonly<Record<string, unknown>> {
  const text = random.pick([
    'a',
    '1',
    'true',
    'yes',
    'ü',
    'a b',
    '"',
    '{',
    '<&>',
    '',
    'trailing:',
    'word,other/1.0-rc',
    'of: map',
    'a#b',
    'FALSE',
  ]);
  const all: Readonly<Record<string, unknown>> = {
    namespace: random.pick(['shop', 'other-shop']),
    namePrefix: random.pick(['dev-', 'x', '1-']),
    nameSuffix: random.pick(['-v2', '-9']),
    commonLabels: { team: text },
    commonAnnotations: { note: text, other: '5' },
    labels: random.shuffle([
      { pairs: { one: text }, includeSelectors: true },
      { pairs: { two: 'b' }, includeTemplates: true },
      { pairs: { three: 'c' }, fields: [{ path: 'spec/extra', create: true, kind: 'Service' }] },
    ]),
    images: [
      {
        name: 'registry.example.com/app',
        newTag: random.pick(['2', '1e3', 'sha']),
        newName: 'moved/app',
      },
    ],
    replicas: [{ name: random.pick(['app', 'nobody']), count: random.pick([0, 3]) }],
    patches: [
      { ...deployment, patch: '[{"op": "add", "path": "/spec/paused", "value": true}]' },
      {
        target: { name: random.pick(['app', '.*']) },
        patch:
          '- {op: add, path: /spec/of, value: {it: {}}}\n- {op: add, path: /spec/of/it/more, value: 1}',
      },
      {
        patch: `{apiVersion: v1, kind: Service, metadata: {name: ${random.pick(['app', 'nobody'])}}, spec: {type: x}}`,
      },
    ],
    patchesStrategicMerge: [
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app, annotations: {patched: "1"}}\n',
    ],
    patchesJson6902: [
      {
        target: { version: 'v1', kind: 'Service', name: 'app' },
        patch: '- {op: remove, path: /spec/ports}',
      },
    ],
    configMapGenerator: [{ name: 'settings', literals: [`a=${text}`] }],
    secretGenerator: [{ name: 'secret', literals: ['b=c'], type: 'Opaque' }],
    generatorOptions: { labels: { made: 'yes' }, annotations: { by: text } },
    vars: [{ name: 'APP', objref: { kind: 'Service', name: 'app', apiVersion: 'v1' } }],
    replacements: [
      {
        source: { kind: 'Service', fieldPath: 'metadata.name' },
        targets: [{ select: { kind: 'DestinationRule' }, fieldPaths: ['spec.host'] }],
      },
    ],
    configurations: ['fields.yaml'],
    crds: ['crd.json'],
    transformers: ['labels.yaml'],
    buildMetadata: ['transformerAnnotations', 'managedByLabel'],
    sortOptions: { order: 'legacy' },
    openapi: { version: 'v1.20.4' },
  };
  const chosen = Object.entries(all).filter(([key]) =>
    random.chance(key === 'openapi' || key === 'vars' ? chances.rare : chances.usual),
  );
  return Object.fromEntries(chosen);
}
