import type { Example } from '../../core/policy.ts';

/** The two webhooks of a revision that look at revision labels, as the chart has them. */
function revision(name: string, selected = name): string {
  return `---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: { name: istio-sidecar-injector-${name}, labels: { istio.io/rev: ${name} } }
webhooks:
  - name: rev.namespace.sidecar-injector.istio.io
    clientConfig: { service: { name: istiod-${name}, namespace: istio-system, path: /inject } }
    namespaceSelector:
      matchExpressions:
        - { key: istio.io/rev, operator: In, values: ['${selected}'] }
        - { key: istio-injection, operator: DoesNotExist }
    objectSelector:
      matchExpressions:
        - { key: sidecar.istio.io/inject, operator: NotIn, values: ['false'] }
  - name: rev.object.sidecar-injector.istio.io
    clientConfig: { service: { name: istiod-${name}, namespace: istio-system, path: /inject } }
    namespaceSelector:
      matchExpressions:
        - { key: istio.io/rev, operator: DoesNotExist }
        - { key: istio-injection, operator: DoesNotExist }
    objectSelector:
      matchExpressions:
        - { key: sidecar.istio.io/inject, operator: NotIn, values: ['false'] }
        - { key: istio.io/rev, operator: In, values: ['${selected}'] }
`;
}

function namespace(labels: string): string {
  return `---
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { ${labels} } }
`;
}

function deployment(labels: string): string {
  return `---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  template:
    metadata: { labels: { app: web, ${labels} } }
    spec: { containers: [{ name: app, image: web }] }
`;
}

const revisions = `${revision('1-30')}${revision('1-31')}`;

/** Meshes in which the policy holds, and meshes in which it does not. */
export const distinctRevisionsExamples: readonly Example[] = [
  {
    name: 'Two revisions, and a namespace of one',
    yaml: `${revisions}${namespace('istio.io/rev: 1-30')}`,
    expect: [],
  },
  {
    name: 'A Pod chooses where its namespace does not',
    yaml: `${revisions}${namespace('team: web')}${deployment('istio.io/rev: 1-31')}`,
    expect: [],
  },
  {
    name: 'Injectors that are installed elsewhere',
    yaml: `${namespace('istio.io/rev: canary')}${deployment('istio.io/rev: canary')}`,
    expect: [],
  },
  {
    name: 'A tag for one revision',
    yaml: `${revisions}${revision('prod')}${namespace('istio.io/rev: prod')}`,
    expect: [],
  },
  {
    name: 'A namespace of a revision that is gone',
    yaml: `${revisions}${namespace('istio.io/rev: 1-29')}`,
    observed: 'kube-apiserver 1.36: no webhook is called, the Pod is created as it is.',
    expect: ['nobody-injects | Namespace shop'],
  },
  {
    name: 'istio-injection without a default revision',
    yaml: `${revisions}${namespace('istio-injection: enabled')}`,
    observed: 'kube-apiserver 1.36: no webhook is called, the Pod is created as it is.',
    expect: ['nobody-injects | Namespace shop'],
  },
  {
    name: 'A Pod of a revision that is gone',
    yaml: `${revisions}${namespace('team: web')}${deployment('istio.io/rev: 1-29')}`,
    expect: ['nobody-injects | Deployment shop/web'],
  },
  {
    name: 'A Pod that asks without naming a revision, where there is no default one',
    yaml: `${revisions}${namespace('team: web')}${deployment("sidecar.istio.io/inject: 'true'")}`,
    observed: 'kube-apiserver 1.36: no webhook is called, the Pod is created as it is.',
    expect: ['nobody-injects | Deployment shop/web'],
  },
  {
    name: 'A Pod that names what its namespace names by a tag',
    yaml: `${revisions}${revision('1-31', 'prod').replaceAll('name: istio-sidecar-injector-1-31', 'name: istio-revision-tag-prod')}${namespace('istio.io/rev: prod')}${deployment('istio.io/rev: 1-31')}`,
    expect: [],
  },
  {
    name: 'A Pod that chooses another revision than its namespace',
    yaml: `${revisions}${namespace('istio.io/rev: 1-30')}${deployment('istio.io/rev: 1-31')}`,
    observed: 'kube-apiserver 1.36: the webhooks of revision 1-31 are not called.',
    expect: ['revision-ignored | Deployment shop/web'],
  },
  {
    name: 'A Pod that chooses a revision where the namespace follows the default one',
    yaml: `${namespace('istio-injection: enabled')}${deployment('istio.io/rev: canary')}`,
    expect: ['revision-ignored | Deployment shop/web'],
  },
  {
    name: 'Two labels on one namespace',
    yaml: namespace('istio.io/rev: 1-31, istio-injection: enabled'),
    observed: 'kube-apiserver 1.36: the webhooks of revision 1-31 are not called.',
    expect: ['revision-ignored | Namespace shop'],
  },
  {
    name: 'Ambient mode where injection is off',
    yaml: namespace('istio.io/dataplane-mode: ambient, istio-injection: disabled'),
    expect: [],
  },
  {
    name: 'Ambient mode beside the label of a revision',
    yaml: namespace('istio.io/rev: 1-31, istio.io/dataplane-mode: ambient'),
    expect: ['ambient-ignored | Namespace shop'],
  },
  {
    name: 'Ambient mode beside injection',
    yaml: namespace('istio-injection: enabled, istio.io/dataplane-mode: ambient'),
    expect: ['ambient-ignored | Namespace shop'],
  },
  {
    name: 'A tag that two revisions carry',
    yaml: `${revision('1-31', 'prod')}${revision('prod')}`,
    expect: [
      'injectors-overlap | MutatingWebhookConfiguration istio-sidecar-injector-1-31',
      'injectors-overlap | MutatingWebhookConfiguration istio-sidecar-injector-prod',
    ],
  },
];
