import type { Example } from '../../core/policy.ts';

function injector(client: string, labels: string, name = 'istio-sidecar-injector'): string {
  return `---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: { name: ${name}, labels: { ${labels} } }
webhooks:
  - name: rev.namespace.sidecar-injector.istio.io
    clientConfig: { ${client} }
    namespaceSelector: { matchLabels: { istio.io/rev: default } }
    sideEffects: None
    admissionReviewVersions: [v1]
`;
}

function elsewhere(cluster: string): string {
  return `url: "https://istiod.example.com:15017/inject/cluster/${cluster}/net/${cluster}"`;
}

const own = 'service: { name: istiod, namespace: istio-system, path: /inject }';

function istiod(spec: string): string {
  return `
apiVersion: v1
kind: Service
metadata: { name: istiod, namespace: istio-system }
spec: { ports: [{ name: https-webhook, port: 443, targetPort: 15017 }]${spec} }
`;
}

function systemNamespace(leaders: string): string {
  return `
apiVersion: v1
kind: Namespace
metadata:
  name: istio-system
  annotations: { topology.istio.io/controlPlaneClusters: '${leaders}' }
`;
}

function meshConfig(cluster: string, address: string): string {
  return `---
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system, labels: { topology.istio.io/cluster: ${cluster} } }
data: { mesh: 'defaultConfig: { discoveryAddress: "${address}" }' }
`;
}

const configuration = 'MutatingWebhookConfiguration istio-sidecar-injector';
const config = 'ConfigMap istio-system/istio';

/** Meshes in which the policy holds, and meshes in which it does not. */
export const ownIstiodExamples: readonly Example[] = [
  {
    name: 'The injector is a Service of the cluster, with one revision',
    yaml: `${istiod(', selector: { app: istiod }')}${injector(own, 'istio.io/rev: default')}`,
    expect: [],
  },
  {
    name: 'Two clusters, each with its own',
    yaml: `${injector(own, 'topology.istio.io/cluster: east')}${injector(
      own,
      'topology.istio.io/cluster: west',
    )}${meshConfig('east', 'istiod.istio-system.svc:15012')}${meshConfig(
      'west',
      'istiod.istio-system.svc:15012',
    )}`,
    expect: [],
  },
  {
    name: 'An istiod elsewhere, alone',
    yaml: injector(elsewhere('east'), 'istio.io/rev: default'),
    expect: [`external-istiod | ${configuration}`, `single-revision | ${configuration}`],
  },
  {
    name: 'An istiod elsewhere, and a second revision',
    yaml: `${injector(elsewhere('east'), 'istio.io/rev: default')}${injector(
      own,
      'istio.io/rev: canary',
      'istio-sidecar-injector-canary',
    )}`,
    expect: [`external-istiod | ${configuration}`],
  },
  {
    name: 'A Service without Pods leads to addresses elsewhere',
    yaml: `${istiod('')}${injector(own, 'istio.io/rev: default')}`,
    expect: [`external-istiod | ${configuration}`, `single-revision | ${configuration}`],
  },
  {
    name: 'One istiod for two clusters',
    yaml: `${injector(elsewhere('east'), 'topology.istio.io/cluster: east')}${injector(
      elsewhere('west'),
      'topology.istio.io/cluster: west',
    )}`,
    expect: [
      `shared-istiod | ${configuration}`,
      `shared-istiod | ${configuration}`,
      `single-revision | ${configuration}`,
      `single-revision | ${configuration}`,
    ],
  },
  {
    name: 'One istiod for two clusters, once with the dot of the root',
    yaml: `${injector(elsewhere('east'), 'topology.istio.io/cluster: east')}${injector(
      elsewhere('west').replace('example.com', 'example.com.'),
      'topology.istio.io/cluster: west',
    )}`,
    expect: [
      `shared-istiod | ${configuration}`,
      `shared-istiod | ${configuration}`,
      `single-revision | ${configuration}`,
      `single-revision | ${configuration}`,
    ],
  },
  {
    name: 'Proxies of two clusters take their configuration from one place',
    yaml: `${meshConfig('east', 'istiod.example.com:15012')}${meshConfig(
      'west',
      'istiod.example.com:15012',
    )}`,
    expect: [`shared-discovery | ${config}`, `shared-discovery | ${config}`],
  },
  {
    name: 'Any cluster may lead',
    yaml: systemNamespace('*'),
    expect: ['led-by-others | Namespace istio-system'],
  },
  {
    name: 'Another cluster leads',
    yaml: systemNamespace('east'),
    expect: ['led-by-others | Namespace istio-system'],
  },
];
