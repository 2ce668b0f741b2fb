import type { Example } from '../../core/policy.ts';

function injector(client: string, failurePolicy = 'Fail', name = 'istio-sidecar-injector'): string {
  return `---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: { name: ${name} }
webhooks:
  - name: rev.namespace.sidecar-injector.istio.io
    clientConfig: { ${client} }
    failurePolicy: ${failurePolicy}
    namespaceSelector: { matchLabels: { istio.io/rev: default } }
    sideEffects: None
    admissionReviewVersions: [v1]
`;
}

function validator(client: string, failurePolicy = 'Fail'): string {
  return `---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: { name: istio-validator-istio-system }
webhooks:
  - name: rev.validation.istio.io
    clientConfig: { ${client} }
    failurePolicy: ${failurePolicy}
    sideEffects: None
    admissionReviewVersions: [v1]
`;
}

const istiod = `
apiVersion: v1
kind: Service
metadata: { name: istiod, namespace: istio-system }
spec: { selector: { app: istiod }, ports: [{ name: https-webhook, port: 443, targetPort: 15017 }] }
`;

function service(name: string, path: string, port = 443): string {
  return `service: { name: ${name}, namespace: istio-system, path: ${path}, port: ${String(port)} }`;
}

const mutating = 'MutatingWebhookConfiguration istio-sidecar-injector';
const validating = 'ValidatingWebhookConfiguration istio-validator-istio-system';

function istiodPods(labels: string, replicas = 2): string {
  return `---
apiVersion: apps/v1
kind: Deployment
metadata: { name: istiod, namespace: istio-system }
spec:
  replicas: ${String(replicas)}
  selector: { matchLabels: { ${labels} } }
  template:
    metadata: { labels: { ${labels} } }
    spec: { containers: [{ name: discovery, image: registry.example.com/pilot:1.31.0 }] }
`;
}

/** Meshes in which the policy holds, and meshes in which it does not. */
export const injectorReachableExamples: readonly Example[] = [
  {
    name: 'The webhooks of istiod’s chart, whose validator starts as Ignore',
    yaml: `${istiod}${injector(service('istiod', '/inject'))}${validator(
      service('istiod', '/validate'),
      'Ignore',
    )}`,
    expect: [],
  },
  {
    name: 'An istiod elsewhere, by name',
    yaml: `${injector('url: "https://istiod.example.com:15017/inject/cluster/east/net/net1"')}${validator(
      'url: "https://istiod.example.com:15017/validate"',
    )}`,
    expect: [],
  },
  {
    name: 'A Service whose manifests are elsewhere',
    yaml: injector(service('istiod', '/inject')),
    expect: [],
  },
  {
    name: 'A Service that sends to the Pods of istiod',
    yaml: `${istiod}${istiodPods('app: istiod')}${injector(service('istiod', '/inject'))}`,
    expect: [],
  },
  {
    name: 'A Service that selects the Pods of another revision, and one that is scaled to nothing',
    yaml: `${istiod.replace('app: istiod', 'app: istiod, istio.io/rev: 1-30')}${istiodPods(
      'app: istiod, istio.io/rev: 1-31',
    )}${injector(service('istiod', '/inject'))}---${istiod
      .replace('name: istiod', 'name: istiod-canary')
      .replace('app: istiod', 'app: canary')}${istiodPods('app: canary', 0).replace(
      'name: istiod,',
      'name: istiod-canary,',
    )}${validator(service('istiod-canary', '/validate'))}`,
    expect: [`no-pods | ${mutating}`, `no-pods | ${validating}`],
  },
  {
    name: 'Neither a url nor a service',
    yaml: `${injector('url: null')}${validator('url: ""')}`,
    observed:
      'istioctl 1.31 analyze: IST0163, the hostname "is blank". kube-apiserver 1.36: "exactly one of url or service is required".',
    expect: [`no-target | ${mutating}`, `no-target | ${validating}`],
  },
  {
    name: 'An address in place of a name',
    yaml: injector('url: "https://203.0.113.7:15017/inject"'),
    observed: 'istioctl 1.31 analyze: IST0164.',
    expect: [`address-not-name | ${mutating}`],
  },
  {
    name: 'A url that API servers refuse',
    yaml: `${injector('url: "http://istiod.example.com:15017/inject"')}${validator(
      'url: "https://admin:secret@istiod.example.com/validate"',
    )}`,
    observed:
      'kube-apiserver 1.36: "https is the only allowed URL scheme", "user information is not permitted in the URL".',
    expect: [`url-refused | ${mutating}`, `url-refused | ${validating}`],
  },
  {
    name: 'No URL at all, and one with a query',
    yaml: `${injector('url: "istiod.example.com"')}${validator(
      'url: "https://istiod.example.com/validate?cluster=east"',
    )}`,
    observed:
      'kube-apiserver 1.36: "https is the only allowed URL scheme", "query parameters are not permitted in the URL".',
    expect: [`url-refused | ${mutating}`, `url-refused | ${validating}`],
  },
  {
    name: 'The name of a Service in a url',
    yaml: injector('url: "https://istiod.istio-system.svc:443/inject"'),
    expect: [`cluster-name-in-url | ${mutating}`],
  },
  {
    name: 'A path that istiod does not serve',
    yaml: `${istiod}${injector(service('istiod', '/'), 'Fail')}${validator(
      service('istiod', '/admitpilot'),
      'Ignore',
    )}`,
    expect: [`wrong-path | ${mutating}`, `wrong-path | ${validating}`],
  },
  {
    name: 'The Service of a revision that is gone',
    yaml: `${istiod}${injector(service('istiod-1-29', '/inject'))}`,
    observed:
      'kube-apiserver 1.36, at the creation of a Pod: failed calling webhook ... service "istiod-1-29" not found.',
    expect: [`service-missing | ${mutating}`],
  },
  {
    name: 'A port that the Service does not expose',
    yaml: `${istiod}${injector(service('istiod', '/inject', 15017))}`,
    expect: [`port-missing | ${mutating}`],
  },
  {
    name: 'An injector that fails open',
    yaml: `${istiod}${injector(service('istiod', '/inject'), 'Ignore')}`,
    observed:
      'kube-apiserver 1.36: the Pod is created without a sidecar while the Service is missing.',
    expect: [`failure-ignored | ${mutating}`],
  },
  {
    name: 'A url beside a Service',
    yaml: `${istiod}${injector(
      `url: "https://istiod.example.com:15017/inject", ${service('istiod', '/inject')}`,
    )}`,
    observed: 'kube-apiserver 1.36: exactly one of url or service is required',
    expect: [`two-targets | ${mutating}`],
  },
];
