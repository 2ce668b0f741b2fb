import type { Example } from '../../core/policy.ts';

const alpha = 'alpha.db.example.com';
const beta = 'beta.db.example.com';

const proxies = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: istio-egressgateway, namespace: istio-system }
spec:
  selector: { matchLabels: { istio: egressgateway } }
  template:
    metadata:
      labels: { istio: egressgateway, sidecar.istio.io/inject: 'true' }
      annotations: { inject.istio.io/templates: gateway }
    spec: { containers: [{ name: istio-proxy, image: auto }] }
---
apiVersion: v1
kind: Service
metadata: { name: istio-egressgateway, namespace: istio-system }
spec:
  selector: { istio: egressgateway }
  clusterIP: 10.96.9.9
  ports:
    - { name: tcp-postgres, port: 5432, targetPort: 5432 }
    - { name: tcp-postgres-2, port: 5433, targetPort: 5433 }
---
`;

function entries(protocol: string): string {
  return [alpha, beta]
    .map(
      (host) => `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${host.split('.')[0] ?? ''}, namespace: shop }
spec:
  hosts: [${host}]
  location: MESH_EXTERNAL
  resolution: DNS
  ports: [{ number: 5432, name: db, protocol: ${protocol} }]
---
`,
    )
    .join('');
}

function gateway(servers: string, name = 'egress', created = '2026-01-01T10:00:00Z'): string {
  return `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: ${name}, namespace: shop, creationTimestamp: '${created}' }
spec:
  selector: { istio: egressgateway }
  servers:
${servers}---
`;
}

interface Route {
  readonly name: string;
  readonly host: string;
  readonly created: string;
  readonly rule: string;
  readonly gateway?: string;
  readonly exportTo?: string;
}

function routed(routes: readonly Route[]): string {
  return routes
    .map(
      ({
        name,
        host,
        created,
        rule,
        gateway: bound,
        exportTo,
      }) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name}, namespace: shop, creationTimestamp: '2026-01-${created}T10:00:00Z' }
spec:
  hosts: [${host}]
  gateways: [${bound ?? 'egress'}]
${exportTo ?? ''}${rule}`,
    )
    .join('---\n');
}

function tcp(to: string, match = ''): string {
  return `  tcp:
    - ${match}route: [{ destination: { host: ${to}, port: { number: 5432 } } }]
`;
}

function tls(serverName: string, to = serverName): string {
  return `  tls:
    - match: [{ port: 5432, sniHosts: [${serverName}] }]
      route: [{ destination: { host: ${to}, port: { number: 5432 } } }]
`;
}

const twoRoutes = routed([
  { name: 'a', host: alpha, created: '01', rule: tcp(alpha) },
  { name: 'b', host: beta, created: '02', rule: tcp(beta) },
]);
const twoNames = routed([
  { name: 'a', host: alpha, created: '01', rule: tls(alpha) },
  { name: 'b', host: beta, created: '02', rule: tls(beta) },
]);

function server(port: number, name: string, hosts: string, more = ''): string {
  const protocol = more.includes('tls:') ? 'TLS' : 'TCP';
  return `    - port: { number: ${String(port)}, name: ${name}, protocol: ${protocol} }
      hosts: [${hosts}]
${more}`;
}

const passthrough = '      tls: { mode: PASSTHROUGH }\n';
const mutual = '      tls: { mode: ISTIO_MUTUAL }\n';
const both = `${alpha}, ${beta}`;

/** Meshes in which the policy holds, and meshes in which it does not. */
export const gatewayPortPerEndpointExamples: readonly Example[] = [
  {
    name: 'A port each',
    yaml: `${proxies}${entries('TCP')}${gateway(server(5432, 'a', alpha) + server(5433, 'b', beta))}${twoRoutes}`,
    observed: `Istio 1.31: 0.0.0.0_5432 -> ${alpha}, 0.0.0.0_5433 -> ${beta}`,
    expect: [],
  },
  {
    name: 'One port, and a server name each',
    yaml: `${proxies}${entries('TLS')}${gateway(server(5432, 'both', both, passthrough))}${twoNames}`,
    observed: `Istio 1.31: 0.0.0.0_5432 sni=${alpha} -> ${alpha}, sni=${beta} -> ${beta}`,
    expect: [],
  },
  {
    name: 'One port that terminates mTLS from the sidecars, with a server each',
    yaml: `${proxies}${entries('TCP')}${gateway(server(5432, 'a', alpha, mutual) + server(5432, 'b', beta, mutual))}${twoRoutes}`,
    observed: `Istio 1.31: 0.0.0.0_5432 sni=${alpha} -> ${alpha}, sni=${beta} -> ${beta}`,
    expect: [],
  },
  {
    name: 'Another bind address is another socket',
    yaml: `${proxies}${entries('TCP')}${gateway(server(5432, 'a', alpha, '      bind: 10.0.9.9\n') + server(5432, 'b', beta, '      bind: 127.0.0.1\n'))}${twoRoutes}`,
    expect: [],
  },
  {
    name: 'TLS first, then TCP: the server name decides, and what has none goes to the second',
    yaml: `${proxies}${entries('TLS')}${gateway(server(5432, 'a', alpha, passthrough) + server(5432, 'b', beta))}${routed(
      [
        { name: 'a', host: alpha, created: '01', rule: tls(alpha) },
        { name: 'b', host: beta, created: '02', rule: tcp(beta) },
      ],
    )}`,
    observed: `Istio 1.31: 0.0.0.0_5432 sni=${alpha} -> ${alpha}, default -> ${beta}`,
    expect: [],
  },
  {
    name: 'Two destinations with weights are meant so, and HTTP tells hosts apart',
    yaml: `${proxies}${entries('TCP')}${gateway(`${server(5432, 'a', alpha)}    - port: { number: 5433, name: http-a, protocol: HTTP }
      hosts: [${alpha}]
    - port: { number: 5433, name: http-b, protocol: HTTP }
      hosts: [${beta}]
`)}apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: both, namespace: shop }
spec:
  hosts: [${alpha}]
  gateways: [egress]
  tcp:
    - route:
        - { destination: { host: ${alpha} }, weight: 50 }
        - { destination: { host: ${beta} }, weight: 50 }
`,
    expect: [],
  },
  {
    name: 'Two TCP servers on one port',
    yaml: `${proxies}${entries('TCP')}${gateway(server(5432, 'a', alpha) + server(5432, 'b', beta))}${twoRoutes}`,
    observed: `Istio 1.31: 0.0.0.0_5432 -> ${alpha}; no chain for ${beta}`,
    expect: ['server-left-out | Gateway shop/egress'],
  },
  {
    name: 'TCP first, then TLS, in two Gateways',
    yaml: `${proxies}${entries('TLS')}${gateway(server(5432, 'a', alpha))}${gateway(server(5432, 'b', beta, passthrough), 'second', '2026-01-02T10:00:00Z')}${routed(
      [
        { name: 'a', host: alpha, created: '01', rule: tcp(alpha) },
        { name: 'b', host: beta, created: '02', rule: tls(beta), gateway: 'second' },
      ],
    )}`,
    observed: `Istio 1.31: 0.0.0.0_5432 -> ${alpha}; no chain for ${beta}`,
    expect: ['server-left-out | Gateway shop/second'],
  },
  {
    name: 'One TLS host in two Gateways',
    yaml: `${proxies}${entries('TLS')}${gateway(server(5432, 'a', alpha, passthrough))}${gateway(server(5432, 'b', alpha, passthrough), 'second', '2026-01-02T10:00:00Z')}${routed(
      [
        { name: 'a', host: alpha, created: '02', rule: tls(alpha) },
        { name: 'b', host: alpha, created: '01', rule: tls(alpha, beta), gateway: 'second' },
      ],
    )}`,
    observed: `Istio 1.31: 0.0.0.0_5432 sni=${alpha} -> ${alpha}, of the older Gateway`,
    expect: ['server-name-left-out | Gateway shop/second'],
  },
  {
    name: 'One TCP server for both hosts: the older route takes everything',
    yaml: `${proxies}${entries('TCP')}${gateway(server(5432, 'both', both))}${routed([
      { name: 'a', host: alpha, created: '02', rule: tcp(alpha) },
      { name: 'b', host: beta, created: '01', rule: tcp(beta) },
    ])}`,
    observed: `Istio 1.31: 0.0.0.0_5432 -> ${beta}; no chain for ${alpha}`,
    expect: ['route-never-read | VirtualService shop/a'],
  },
  {
    name: 'A private route comes before an older public one',
    yaml: `${proxies}${entries('TCP')}${gateway(server(5432, 'both', both))}${routed([
      { name: 'a', host: alpha, created: '01', rule: tcp(alpha) },
      {
        name: 'b',
        host: beta,
        created: '09',
        exportTo: '  exportTo: [., istio-system]\n',
        rule: tcp(beta),
      },
    ])}`,
    observed: `Istio 1.31: 0.0.0.0_5432 -> ${beta}; no chain for ${alpha}`,
    expect: ['route-never-read | VirtualService shop/a'],
  },
  {
    name: 'One server that terminates TLS for both hosts',
    yaml: `${proxies}${entries('TCP')}${gateway(server(5432, 'both', both, mutual))}${twoRoutes}`,
    observed: `Istio 1.31: 0.0.0.0_5432 sni=${alpha},${beta} -> ${alpha}`,
    expect: ['terminated-route-never-read | VirtualService shop/b'],
  },
  {
    name: 'One server name in two routes',
    yaml: `${proxies}${entries('TLS')}${gateway(server(5432, 'any', "'*.db.example.com'", passthrough))}${routed(
      [
        { name: 'a', host: alpha, created: '01', rule: tls(alpha) },
        { name: 'b', host: alpha, created: '02', rule: tls(alpha, beta) },
      ],
    )}`,
    observed: `Istio 1.31: 0.0.0.0_5432 sni=${alpha} -> ${alpha}`,
    expect: ['server-name-routed-twice | VirtualService shop/b'],
  },
];
