import type { Example } from '../../core/policy.ts';

const capturing = `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  mesh: |
    defaultConfig: { proxyMetadata: { ISTIO_META_DNS_CAPTURE: "true" } }
---`;

const client = `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: client, namespace: shop }
spec:
  template:
    metadata: { labels: { app: client } }
    spec: { containers: [{ name: app, image: client }] }
---`;

function entry(port: string, more = '  resolution: DNS\n', host = 'db.example.com'): string {
  return `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: db, namespace: shop }
spec:
  hosts: ['${host}']
  ports: [{ ${port} }]
${more}`;
}

const tcp = 'number: 5432, name: tcp, protocol: TCP';
const subject = 'ServiceEntry shop/db';

/** Meshes in which the policy holds, and meshes in which it does not. */
export const tcpAddressExamples: readonly Example[] = [
  {
    name: 'An address of its own',
    yaml: `${client}${entry(tcp, '  resolution: DNS\n  addresses: [192.0.2.7]\n')}`,
    observed: 'Istio 1.31: listener 192.0.2.7_5432',
    expect: [],
  },
  {
    name: 'A range, which leaves the rest of the port alone',
    yaml: `${client}${entry(tcp, '  resolution: STATIC\n  addresses: [192.0.2.0/24]\n  endpoints: [{ address: 198.51.100.9 }]\n')}`,
    observed: 'Istio 1.31: 0.0.0.0_5432 to 192.0.2.0/24 only',
    expect: [],
  },
  {
    name: 'TLS is told by its server name',
    yaml: `${client}${entry('number: 5432, name: tls, protocol: TLS')}`,
    observed: 'Istio 1.31: 0.0.0.0_5432 with sni=db.example.com',
    expect: [],
  },
  {
    name: 'A proxy that captures DNS uses the address that istiod allocates',
    yaml: `${capturing}${client}${entry(tcp)}status: { addresses: [{ value: 240.240.0.1, host: db.example.com }] }\n`,
    observed: 'Istio 1.31, proxy with DNS capture: listener 240.240.0.1_5432',
    expect: [],
  },
  {
    name: 'An address is allocated, but the proxies do not capture DNS',
    yaml: `${client}${entry(tcp)}status: { addresses: [{ value: 240.240.0.1, host: db.example.com }] }\n`,
    observed: 'Istio 1.31: 0.0.0.0_5432 -> db.example.com for every destination',
    expect: [`takes-whole-port | ${subject}`],
  },
  {
    name: 'Mongo binds as TCP does',
    yaml: `${client}${entry('number: 27017, name: mongo, protocol: MONGO')}`,
    observed: 'Istio 1.31: 0.0.0.0_27017 -> db.example.com for every destination',
    expect: [`takes-whole-port | ${subject}`],
  },
  {
    name: 'Wildcard hosts get no address, capture or not',
    yaml: `${capturing}${client}${entry(tcp, '  resolution: NONE\n', '*.db.example.com')}`,
    observed: 'Istio 1.31, proxy with DNS capture: 0.0.0.0_5432 for every destination',
    expect: [`takes-whole-port | ${subject}`],
  },
  {
    name: 'Endpoints are not what the listener binds',
    yaml: `${client}${entry(tcp, '  resolution: STATIC\n  endpoints: [{ address: 192.0.2.7 }]\n')}`,
    observed: 'Istio 1.31: 0.0.0.0_5432 -> db.example.com for every destination',
    expect: [`takes-whole-port | ${subject}`],
  },
  {
    name: 'The label that opts out of allocation',
    yaml: `${capturing}${client}${entry(tcp).replace(
      'namespace: shop }',
      "namespace: shop, labels: { networking.istio.io/enable-autoallocate-ip: 'false' } }",
    )}`,
    observed:
      'Istio 1.31, proxy with DNS capture: 0.0.0.0_5432 -> db.example.com for every destination',
    expect: [`takes-whole-port | ${subject}`],
  },
  {
    name: 'A port without protocol is guessed: HTTP apart, everything goes to the host',
    yaml: `${client}${entry('number: 5432, name: db')}`,
    observed: 'Istio 1.31: 0.0.0.0_5432 with an HTTP chain and a TCP chain -> db.example.com',
    expect: [`takes-undeclared-port | ${subject}`],
  },
  {
    name: 'Imported by the Sidecar of another namespace, where the only clients are',
    yaml: `${client}${entry(tcp)}---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: till }
spec: { egress: [{ hosts: [./*, shop/*] }] }
`
      .replace('name: shop, labels', 'name: till, labels')
      .replace('name: client, namespace: shop', 'name: client, namespace: till'),
    expect: [`takes-whole-port | ${subject}`],
  },
];
