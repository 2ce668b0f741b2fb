import type { Example } from '../../core/policy.ts';

const capturing = `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  mesh: |
    defaultConfig: { proxyMetadata: { ISTIO_META_DNS_CAPTURE: "true" } }
---`;

const entry = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: db, namespace: shop }
spec:
  hosts: [db.example.com]
  resolution: DNS
  ports: [{ number: 5432, name: tcp, protocol: TCP }]
`;
const allocated = `${entry}status: { addresses: [{ value: 240.240.0.1, host: db.example.com }] }\n`;

function client(config?: string): string {
  const annotations =
    config === undefined ? '' : `\n      annotations: { proxy.istio.io/config: '${config}' }`;
  return `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: client, namespace: shop }
spec:
  template:
    metadata:
      labels: { app: client }${annotations}
    spec: { containers: [{ name: app, image: client }] }
---`;
}

const optsOut = client('{proxyMetadata: {ISTIO_META_DNS_CAPTURE: "false"}}');
const asks = client('{proxyMetadata: {ISTIO_META_DNS_CAPTURE: "true"}}');
const meshOnlyHosts = { meshOnlyHosts: ['*.mesh.internal'] };
const meshOnly = entry.replace('hosts: [db.example.com]', 'hosts: [db.mesh.internal]');

/** Meshes in which the policy holds, and meshes in which it does not. */
export const captureExamples: readonly Example[] = [
  {
    name: 'A workload that captures DNS as the mesh does',
    yaml: `${capturing}${client()}${allocated}`,
    observed: 'Istio 1.31, proxy with DNS capture: listener 240.240.0.1_5432',
    expect: [],
  },
  {
    name: 'A workload that opts out where every TCP entry has an address of its own',
    yaml: `${capturing}${optsOut}${entry.replace('  resolution: DNS', '  resolution: DNS\n  addresses: [192.0.2.7]')}`,
    observed: 'Istio 1.31: listener 192.0.2.7_5432, with capture and without',
    expect: [],
  },
  {
    name: 'A mesh without capture: dns/tcp-address says what follows, at the entry',
    yaml: `${client()}${entry}`,
    expect: [],
  },
  {
    name: 'A workload that asks for capture itself, for hosts that only the mesh resolves',
    params: meshOnlyHosts,
    yaml: `${asks}${meshOnly}`,
    expect: [],
  },
  {
    name: 'A workload that opts out of the addresses that the mesh allocates',
    yaml: `${capturing}${optsOut}${allocated}`,
    observed:
      'Istio 1.31, proxy without DNS capture: 0.0.0.0_5432 -> db.example.com for every destination',
    expect: ['opts-out-of-addresses | Deployment shop/client'],
  },
  {
    name: 'A host that only the mesh resolves, and a workload that asks elsewhere',
    params: meshOnlyHosts,
    yaml: `${client()}${meshOnly}`,
    expect: ['host-does-not-resolve | Deployment shop/client'],
  },
];
