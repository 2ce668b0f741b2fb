import type { Example } from '../../core/policy.ts';

function mesh(config: string): string {
  return `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  mesh: |
    ${config}
`;
}

function sidecar(policy: string): string {
  return `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: shop }
spec:
  egress: [{ hosts: ['./*'] }]
${policy}`;
}

const closed = mesh('outboundTrafficPolicy: { mode: REGISTRY_ONLY }');
const blackHole = 'Istio 1.31: what no listener takes -> BlackHoleCluster';
const passthrough = 'Istio 1.31: what no listener takes -> PassthroughCluster';

/** Meshes in which the policy holds, and meshes in which it does not. */
export const registryOnlyExamples: readonly Example[] = [
  {
    name: 'A closed mesh, and a Sidecar that leaves it so',
    yaml: `${closed}---${sidecar('')}`,
    observed: blackHole,
    expect: [],
  },
  {
    name: 'An empty object means REGISTRY_ONLY in the mesh config',
    yaml: mesh('outboundTrafficPolicy: {}'),
    observed: blackHole,
    expect: [],
  },
  {
    name: 'An empty object means REGISTRY_ONLY in a Sidecar too',
    yaml: `${closed}---${sidecar('  outboundTrafficPolicy: {}\n')}`,
    observed: blackHole,
    expect: [],
  },
  {
    name: 'A ConfigMap of another revision or namespace is not read',
    yaml: mesh('outboundTrafficPolicy: { mode: ALLOW_ANY }').replace('istio-system', 'shop'),
    expect: [],
  },
  {
    name: 'A mesh config that says nothing',
    yaml: mesh('accessLogFile: /dev/stdout'),
    observed: passthrough,
    expect: ['mesh-open | ConfigMap istio-system/istio'],
  },
  {
    name: 'A mesh that says ALLOW_ANY',
    yaml: mesh('outboundTrafficPolicy: { mode: ALLOW_ANY }'),
    observed: passthrough,
    expect: ['mesh-open | ConfigMap istio-system/istio'],
  },
  {
    name: 'Hosts resolved at the time of the request are as open',
    yaml: mesh('outboundTrafficPolicy: { mode: ALLOW_ANY_DYNAMIC_DNS }'),
    observed: `${passthrough}; HTTP goes wherever its Host header says`,
    expect: ['dynamic-dns-open | ConfigMap istio-system/istio'],
  },
  {
    name: 'A Sidecar opens what the mesh closes',
    yaml: `${closed}---${sidecar('  outboundTrafficPolicy: { mode: ALLOW_ANY }\n')}`,
    observed: passthrough,
    expect: ['sidecar-open | Sidecar shop/default'],
  },
  {
    name: 'A mode that a Sidecar cannot have',
    yaml: `${closed}---${sidecar('  outboundTrafficPolicy: { mode: ALLOW_ANY_DYNAMIC_DNS }\n')}`,
    observed: 'istioctl validate (1.31) refuses ALLOW_ANY_DYNAMIC_DNS in a Sidecar',
    expect: ['sidecar-mode-refused | Sidecar shop/default'],
  },
];
