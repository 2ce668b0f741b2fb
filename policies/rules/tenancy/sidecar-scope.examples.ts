import type { Example } from '../../core/policy.ts';

const mesh = `apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { ports: [{ name: http, port: 80 }], selector: { app: web } }
---
apiVersion: v1
kind: Service
metadata: { name: api, namespace: bank }
spec: { ports: [{ name: http, port: 80 }, { name: grpc, port: 90 }], selector: { app: api } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: client, namespace: shop }
spec: { template: { metadata: { labels: { app: client } }, spec: { containers: [{ name: app, image: app }] } } }
`;

const meshConfig = `---
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data: { mesh: 'rootNamespace: mesh-wide' }
`;

function sidecar(place: string, spec: string, day = 1): string {
  const [namespace, name] = place.split('/');
  return `---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: ${name}, namespace: ${namespace}, creationTimestamp: '2026-01-0${day}T00:00:00Z' }
spec: { ${spec} }
`;
}

function imports(...hosts: readonly string[]): string {
  return `egress: [{ hosts: ${JSON.stringify(hosts)} }]`;
}

/** Meshes in which the policy holds, and meshes in which it does not. */
export const sidecarScopeExamples: readonly Example[] = [
  {
    name: 'Own namespace, control plane and what is called',
    yaml: `${mesh}${sidecar('shop/default', imports('./*', 'istio-system/*', 'bank/api.bank.svc.cluster.local'))}`,
    params: { services: 2 },
    expect: [],
  },
  { name: 'A small mesh needs no scope', yaml: mesh, expect: [] },
  {
    name: 'Everything but one namespace',
    yaml: `${mesh}${sidecar('shop/default', imports('*/*', '~bank/*'))}`,
    expect: [],
  },
  {
    name: 'No outbound traffic is wanted',
    yaml: `${mesh}${sidecar('shop/default', imports('~/*'))}`,
    expect: [],
  },
  {
    name: 'A Sidecar with a selector beside a plain one',
    yaml: `${mesh}${sidecar('shop/default', imports('./*'))}${sidecar('shop/client', `workloadSelector: { labels: { app: client } }, ${imports('bank/*')}`, 2)}`,
    expect: [],
  },
  {
    name: 'One for all in the root namespace, where "." is the namespace of the proxy',
    yaml: `${mesh}${sidecar('istio-system/default', imports('./*', 'istio-system/*'))}`,
    params: { services: 2 },
    expect: [],
  },
  {
    name: 'One for all in the root namespace that the mesh config names',
    yaml: `${mesh}${sidecar('mesh-wide/default', imports('./*'))}${meshConfig}`,
    params: { services: 2 },
    expect: [],
    observed: 'Istio 1.31: the proxy of shop has the cluster of web alone.',
  },
  {
    name: 'One for all beside istiod, where the mesh config names another root namespace',
    yaml: `${mesh}${sidecar('istio-system/default', imports('./*'))}${meshConfig}`,
    params: { services: 2 },
    expect: ['no-scope | Namespace shop'],
    observed: 'Istio 1.31: the proxy of shop has clusters of web and of both ports of api.',
  },
  {
    name: 'A large mesh, and no scope',
    yaml: mesh,
    params: { services: 2 },
    expect: ['no-scope | Namespace shop'],
    observed: 'Istio 1.31: the proxy of shop has clusters of web and of both ports of api.',
  },
  {
    name: 'A Sidecar that imports everything, by its hosts or for want of any',
    yaml: `${mesh}${sidecar('shop/default', imports('*/*', '~./web.shop.svc.cluster.local'))}${sidecar('bank/default', 'outboundTrafficPolicy: { mode: REGISTRY_ONLY }')}`,
    expect: [
      'imports-everything | Sidecar shop/default',
      'imports-everything | Sidecar bank/default',
    ],
    observed:
      'Istio 1.31: with */* or without egress, the clusters are those of a proxy without a Sidecar.',
  },
  {
    name: 'A wide Sidecar takes the place of the narrow one of the mesh',
    yaml: `${mesh}${sidecar('istio-system/default', imports('./*'))}${sidecar('shop/wide', imports('*/*'))}`,
    expect: ['undoes-mesh-scope | Sidecar shop/wide'],
    observed: 'Istio 1.31: the proxy of shop has clusters of all Services.',
  },
  {
    name: 'Nothing is left of what is imported',
    yaml: `${mesh}${sidecar('shop/default', imports('~/*', './*'))}${sidecar('bank/default', imports('~shop/*'))}`,
    expect: ['imports-nothing | Sidecar shop/default', 'imports-nothing | Sidecar bank/default'],
    observed: 'Istio 1.31: no outbound cluster.',
  },
  {
    name: 'Short names',
    yaml: `${mesh}${sidecar('shop/default', imports('./web', 'api'))}`,
    expect: ['host-refused | Sidecar shop/default', 'host-refused | Sidecar shop/default'],
    observed:
      'istioctl validate 1.31: short names (non FQDN) are not allowed; host must be of form namespace/dnsName.',
  },
  {
    name: 'Exclusions before Istio 1.31',
    yaml: `${mesh}${sidecar('shop/default', imports('./*', '~bank/*'))}`,
    mesh: { istioVersion: '1.30' },
    expect: ['host-refused | Sidecar shop/default'],
  },
  {
    name: 'The listener without a port is not the last one',
    yaml: `${mesh}${sidecar('shop/default', "egress: [{ hosts: ['./*'] }, { port: { number: 80, name: http, protocol: HTTP }, hosts: ['bank/*'] }]")}`,
    expect: ['listener-order | Sidecar shop/default'],
    observed:
      'istioctl validate 1.31: the egress listener with empty port should be the last listener in the list.',
  },
  {
    name: 'Hosts that nothing matches',
    yaml: `${mesh}${sidecar('shop/default', imports('bank/api.bank', 'shop/api.bank.svc.cluster.local', './wbe.shop.svc.cluster.local'))}`,
    expect: [
      'dead-host | Sidecar shop/default',
      'dead-host | Sidecar shop/default',
      'dead-host | Sidecar shop/default',
    ],
    observed: 'Istio 1.31: no outbound cluster.',
  },
  {
    name: 'A selector in the root namespace',
    yaml: `${mesh}${sidecar('istio-system/client', `workloadSelector: { labels: { app: client } }, ${imports('./*')}`)}`,
    expect: ['ignored-in-root | Sidecar istio-system/client'],
    observed: 'Istio 1.31: the proxy of shop/client has the clusters of all Services.',
  },
  {
    name: 'Two plain Sidecars: at equal age the first by name counts',
    yaml: `${mesh}${sidecar('shop/zzz', imports('./*'))}${sidecar('shop/aaa', imports('bank/*'))}`,
    expect: ['never-taken | Sidecar shop/zzz'],
    observed: 'Istio 1.31: the clusters are those of bank.',
  },
  {
    name: 'An empty selector comes before every plain Sidecar',
    yaml: `${mesh}${sidecar('shop/plain', imports('./*'))}${sidecar('shop/every', `workloadSelector: { labels: {} }, ${imports('bank/*')}`, 2)}`,
    expect: ['never-taken | Sidecar shop/plain'],
    observed: 'Istio 1.31: the clusters are those of bank, although shop/plain is older.',
  },
  {
    name: 'Two Sidecars select one workload',
    yaml: `${mesh.replace('app: client }', 'app: client, tier: front }')}${sidecar('shop/a', `workloadSelector: { labels: { app: client } }, ${imports('./*')}`)}${sidecar('shop/b', `workloadSelector: { labels: { tier: front } }, ${imports('bank/*')}`, 2)}`,
    expect: ['never-taken | Sidecar shop/b'],
    observed: 'Istio 1.31: the clusters are those of shop, of the older Sidecar.',
  },
  {
    name: 'No workload has the labels',
    yaml: `${mesh}${sidecar('shop/a', `workloadSelector: { labels: { app: clinet } }, ${imports('./*')}`)}`,
    expect: ['selects-nothing | Sidecar shop/a'],
  },
  {
    name: 'A Sidecar in an ambient namespace',
    yaml: `${mesh.replace('istio-injection: enabled', 'istio.io/dataplane-mode: ambient')}${sidecar('shop/default', imports('*/*'))}`,
    params: { services: 2 },
    expect: ['without-effect | Sidecar shop/default'],
  },
];
