import type { Example } from '../../core/policy.ts';

interface Entry {
  readonly name: string;
  readonly port?: string;
  readonly more?: string;
  readonly namespace?: string;
  /** Day of January 2026. */
  readonly created: string;
}

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
`;
const capturing = `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  mesh: |
    defaultConfig: { proxyMetadata: { ISTIO_META_DNS_CAPTURE: "true" } }
`;
const tcp = 'number: 5432, name: tcp, protocol: TCP';
const tls = 'number: 443, name: tls, protocol: TLS';
const mysql = 'number: 3306, name: mysql, protocol: MYSQL';
const dns = '  resolution: DNS\n';

function mesh(entries: readonly Entry[], more = '', before = client): string {
  return `${before}${entries.map(entryYaml).join('')}${more}`;
}

function entryYaml({ name, port = tcp, more = dns, namespace = 'shop', created }: Entry): string {
  return `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name}, namespace: ${namespace}, creationTimestamp: '2026-01-${created}T10:00:00Z' }
spec:
  hosts: [${name}.db.example.com]
  location: MESH_EXTERNAL
  ports: [{ ${port} }]
${more}`;
}

function service(port: string, created: string): string {
  return `---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop, creationTimestamp: '2026-01-${created}T10:00:00Z' }
spec:
  clusterIP: 10.96.0.10
  selector: { app: web }
  ports: [{ ${port} }]
`;
}

const both = [
  { name: 'alpha', created: '01' },
  { name: 'beta', created: '02' },
];

/** Meshes in which the policy holds, and meshes in which it does not. */
export const tcpListenerCollisionExamples: readonly Example[] = [
  {
    name: 'An address each',
    yaml: mesh([
      { name: 'alpha', created: '01', more: `${dns}  addresses: [192.0.2.7]\n` },
      { name: 'beta', created: '02', more: `${dns}  addresses: [192.0.2.8]\n` },
    ]),
    observed: 'Istio 1.31: 192.0.2.7_5432 -> alpha, 192.0.2.8_5432 -> beta',
    expect: [],
  },
  {
    name: 'A port each',
    yaml: mesh([
      { name: 'alpha', created: '01' },
      { name: 'beta', created: '02', port: 'number: 5433, name: tcp, protocol: TCP' },
    ]),
    expect: [],
  },
  {
    name: 'TLS is told by the server name',
    yaml: mesh(both.map((entry) => ({ ...entry, port: tls }))),
    observed:
      'Istio 1.31: 0.0.0.0_443 sni=alpha.db.example.com -> alpha, sni=beta.db.example.com -> beta',
    expect: [],
  },
  {
    name: 'A range within another is no collision: the longest prefix wins, then who has none',
    yaml: mesh([
      { name: 'alpha', created: '01', more: '  resolution: NONE\n  addresses: [192.0.2.0/24]\n' },
      { name: 'beta', created: '02', more: '  resolution: NONE\n  addresses: [192.0.2.0/28]\n' },
      { name: 'gamma', created: '03' },
    ]),
    observed:
      'Istio 1.31: 0.0.0.0_5432 to 192.0.2.0/24 -> alpha, to 192.0.2.0/28 -> beta, default -> gamma',
    expect: [],
  },
  {
    name: 'Addresses that istiod allocated, in proxies that capture DNS',
    yaml: mesh(
      both.map((entry, index) => ({
        ...entry,
        more: `${dns}status: { addresses: [{ value: 240.240.0.${String(index + 1)}, host: ${entry.name}.db.example.com }] }\n`,
      })),
      '',
      `${capturing}---${client}`,
    ),
    observed:
      'Istio 1.31, proxy with DNS capture: 240.240.0.1_5432 -> alpha, 240.240.0.2_5432 -> beta',
    expect: [],
  },
  {
    name: 'The clients do not see the rival: exports, and a Sidecar',
    yaml: mesh(
      [
        { name: 'alpha', created: '01', namespace: 'bank', more: `${dns}  exportTo: [.]\n` },
        { name: 'beta', created: '02' },
        { name: 'gamma', created: '03', namespace: 'other' },
      ],
      `---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: shop }
spec: { egress: [{ hosts: ['./*'] }] }
`,
    ),
    observed: 'Istio 1.31: 0.0.0.0_5432 -> beta',
    expect: [],
  },
  {
    name: 'A VirtualService that matches the addresses of the newcomer',
    yaml: mesh(
      both,
      `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: beta, namespace: shop }
spec:
  hosts: [beta.db.example.com]
  tcp:
    - match: [{ destinationSubnets: [198.51.100.0/24] }]
      route: [{ destination: { host: beta.db.example.com } }]
`,
    ),
    observed: 'Istio 1.31: 0.0.0.0_5432 to 198.51.100.0/24 -> beta, default -> alpha',
    expect: [],
  },
  {
    name: 'HTTP Services and one TCP entry share a port',
    yaml: mesh(
      [{ name: 'alpha', created: '02', port: 'number: 80, name: tcp, protocol: TCP' }],
      service('name: http, port: 80, targetPort: 8080', '01'),
    ),
    observed: 'Istio 1.31: 0.0.0.0_80: HTTP by its hosts, all else -> alpha',
    expect: [],
  },
  {
    name: 'Two TCP hosts without an address: the older one has everything',
    yaml: mesh(both),
    observed: 'Istio 1.31: 0.0.0.0_5432 -> alpha.db.example.com; no chain for beta.db.example.com',
    expect: ['listener-taken | ServiceEntry shop/beta'],
  },
  {
    name: 'Redis and TCP are both raw bytes, and DNS capture does not help with resolution NONE',
    yaml: mesh(
      [
        {
          name: 'alpha',
          created: '02',
          port: 'number: 6379, name: redis, protocol: REDIS',
          more: '  resolution: NONE\n',
        },
        {
          name: 'beta',
          created: '01',
          port: 'number: 6379, name: tcp, protocol: TCP',
          more: '  resolution: NONE\n',
        },
      ],
      '',
      `${capturing}---${client}`,
    ),
    observed:
      'Istio 1.31, proxy with DNS capture: 0.0.0.0_6379 -> beta.db.example.com; no chain for alpha.db.example.com',
    expect: ['listener-taken | ServiceEntry shop/alpha'],
  },
  {
    name: 'A young private entry comes before an old public one',
    yaml: mesh([
      { name: 'alpha', created: '01' },
      { name: 'beta', created: '09', more: `${dns}  exportTo: [.]\n` },
    ]),
    observed: 'Istio 1.31: 0.0.0.0_5432 -> beta.db.example.com; no chain for alpha.db.example.com',
    expect: ['listener-taken | ServiceEntry shop/alpha'],
  },
  {
    name: 'An address is told by no server name, and a range is compared as it is masked',
    yaml: mesh([
      { name: 'alpha', created: '01', port: tls, more: `${dns}  addresses: [192.0.2.7]\n` },
      { name: 'beta', created: '02', port: tls, more: `${dns}  addresses: [192.0.2.7]\n` },
      {
        name: 'gamma',
        created: '03',
        more: '  resolution: NONE\n  addresses: [198.51.100.1/24]\n',
      },
      {
        name: 'delta',
        created: '04',
        more: '  resolution: NONE\n  addresses: [198.51.100.2/24]\n',
      },
    ]),
    observed:
      'Istio 1.31: 192.0.2.7_443 -> alpha, no chain for beta; 0.0.0.0_5432 to 198.51.100.0/24 -> gamma, no chain for delta',
    expect: ['listener-taken | ServiceEntry shop/beta', 'listener-taken | ServiceEntry shop/delta'],
  },
  {
    name: 'The address of a Service',
    yaml: mesh(
      [{ name: 'alpha', created: '02', more: `${dns}  addresses: [10.96.0.10]\n` }],
      service('name: tcp, port: 5432, targetPort: 5432', '01'),
    ),
    observed:
      'Istio 1.31: 10.96.0.10_5432 -> web.shop.svc.cluster.local; no chain for alpha.db.example.com',
    expect: ['listener-taken | ServiceEntry shop/alpha'],
  },
  {
    name: 'Two ports without a protocol',
    yaml: mesh(both.map((entry) => ({ ...entry, port: 'number: 5432, name: db' }))),
    observed: 'Istio 1.31: 0.0.0.0_5432: HTTP by its hosts, all else -> alpha.db.example.com',
    expect: ['raw-bytes-taken | ServiceEntry shop/beta'],
  },
  {
    name: 'MySQL shares its socket with nothing, not with HTTP either',
    yaml: mesh(
      [{ name: 'alpha', created: '01', port: mysql }],
      service('name: http, port: 3306, targetPort: 8080', '02'),
    ),
    observed:
      'Istio 1.31: 0.0.0.0_3306 -> alpha.db.example.com, no HTTP chain: requests to web end at the database',
    expect: ['exclusive-protocol | Service shop/web'],
  },
  {
    name: 'MySQL after TLS: the newcomer is left out',
    yaml: mesh([
      { name: 'alpha', created: '01', port: 'number: 3306, name: tls, protocol: TLS' },
      { name: 'beta', created: '02', port: mysql },
    ]),
    observed:
      'Istio 1.31: 0.0.0.0_3306 sni=alpha.db.example.com -> alpha; no chain for beta.db.example.com',
    expect: ['exclusive-protocol | ServiceEntry shop/beta'],
  },
  {
    name: 'One host and port with two protocols',
    yaml: `${mesh([{ name: 'alpha', created: '01' }])}${entryYaml({
      name: 'alpha',
      created: '02',
      port: 'number: 5432, name: http, protocol: HTTP',
    }).replace('name: alpha', 'name: alpha-http')}`,
    observed: 'Istio 1.31: 0.0.0.0_5432: HTTP by its hosts, all else -> alpha.db.example.com',
    expect: ['protocol-differs | ServiceEntry shop/alpha-http'],
  },
  {
    name: 'One server name in the routes of two hosts',
    yaml: mesh(
      both.map((entry) => ({ ...entry, port: tls })),
      `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: both, namespace: shop }
spec:
  hosts: [alpha.db.example.com, beta.db.example.com]
  tls:
    - match: [{ sniHosts: [alpha.db.example.com] }]
      route: [{ destination: { host: alpha.db.example.com } }]
`,
    ),
    observed:
      'Istio 1.31: 0.0.0.0_443 sni=alpha.db.example.com -> alpha; no chain for beta.db.example.com',
    expect: ['server-name-taken | ServiceEntry shop/beta'],
  },
];
