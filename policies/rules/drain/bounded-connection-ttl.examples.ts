import type { Example } from '../../core/policy.ts';

const shop = `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ledger, namespace: shop }
spec:
  template:
    metadata: { labels: { app: ledger } }
    spec: { containers: [{ name: app, image: ledger }] }
`;
const tcpService = `---
apiVersion: v1
kind: Service
metadata: { name: ledger, namespace: shop }
spec: { selector: { app: ledger }, ports: [{ name: tcp-ledger, port: 7000 }] }
`;
const httpService = `---
apiVersion: v1
kind: Service
metadata: { name: ledger, namespace: shop }
spec: { selector: { app: ledger }, ports: [{ name: http, port: 80 }] }
`;
const rule = `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ledger, namespace: shop }
spec:
  host: ledger.shop.svc.cluster.local
`;
const topLevelTtl = `  trafficPolicy: { connectionPool: { tcp: { maxConnectionDuration: 60s } } }
`;
const mail = `---
apiVersion: v1
kind: Namespace
metadata: { name: mail, labels: { istio-injection: enabled } }
---
apiVersion: v1
kind: Pod
metadata: { name: client, namespace: mail }
spec: { containers: [{ name: app, image: client }] }
`;
const tcp = 'unbounded-tcp | Deployment shop/ledger';
const http = 'unbounded-http | Deployment shop/ledger';
const ruleItself = 'rule-without-ttl | DestinationRule shop/ledger';

/** Meshes in which the policy holds, and meshes in which it does not. */
export const boundedConnectionTtlExamples: readonly Example[] = [
  {
    name: 'A TTL at the top level of the rule bounds TCP',
    yaml: `${shop}${tcpService}${rule}${topLevelTtl}`,
    expect: [],
  },
  {
    name: 'A TTL for the port bounds HTTP',
    yaml: `${shop}${httpService}${rule}  trafficPolicy:
    portLevelSettings:
      - port: { number: 80 }
        connectionPool: { tcp: { maxConnectionDuration: 60s } }
`,
    expect: [],
  },
  {
    name: 'A TTL in the subset that clients are routed to bounds HTTP',
    yaml: `${shop}${httpService}${rule}  subsets:
    - name: all
      trafficPolicy: { connectionPool: { tcp: { maxConnectionDuration: 60s } } }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ledger, namespace: shop }
spec:
  hosts: [ledger.shop.svc.cluster.local]
  http: [{ route: [{ destination: { host: ledger.shop.svc.cluster.local, subset: all } }] }]
`,
    expect: [],
  },
  {
    name: 'The default traffic policy of the mesh bounds HTTP',
    yaml: `${shop}${httpService}---
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  mesh: |
    defaultTrafficPolicy: { connectionPool: { tcp: { maxConnectionDuration: 60s } } }
`,
    expect: [],
  },
  {
    name: "The proxy's own connection settings bound HTTP on the inbound side",
    yaml: `${shop}${httpService}---
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  mesh: |
    defaultConfig: { connectionSettings: { httpMaxConnectionDuration: 60s } }
`,
    expect: [],
  },
  {
    name: 'An EnvoyFilter on the inbound side bounds TCP for every client',
    yaml: `${shop}${tcpService}---
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: ttl, namespace: shop }
spec:
  workloadSelector: { labels: { app: ledger } }
  configPatches:
    - applyTo: NETWORK_FILTER
      match: { context: SIDECAR_INBOUND }
      patch:
        operation: MERGE
        value: { typed_config: { max_downstream_connection_duration: 60s } }
`,
    expect: [],
  },
  {
    name: 'The workload declares the TTL that its clients keep themselves',
    yaml: `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ledger, namespace: shop }
spec:
  template:
    metadata:
      labels: { app: ledger }
      annotations: { meshgate.dev/connection-ttl: 60s }
    spec: { containers: [{ name: app, image: ledger }] }
${tcpService}`,
    expect: [],
  },
  {
    name: 'The configuration knows the TTL that all clients keep',
    params: { connectionTtl: '60s' },
    yaml: `${shop}${tcpService}`,
    expect: [],
  },
  {
    name: 'No rule at all',
    yaml: `${shop}${tcpService}`,
    expect: [tcp],
  },
  {
    name: 'An idle timeout ends idle connections only',
    params: { rawSeverity: 'error' },
    yaml: `${shop}${tcpService}${rule}  trafficPolicy: { connectionPool: { tcp: { idleTimeout: 60s } } }
`,
    expect: [tcp, ruleItself],
  },
  {
    name: 'TCP listeners do not read the TTL of a port',
    yaml: `${shop}${tcpService}${rule}  trafficPolicy:
    portLevelSettings:
      - port: { number: 7000 }
        connectionPool: { tcp: { maxConnectionDuration: 60s } }
`,
    expect: [tcp, ruleItself],
  },
  {
    name: 'An exact rule hides the TTL of a wildcard',
    yaml: `${shop}${tcpService}${rule}  trafficPolicy: { loadBalancer: { simple: RANDOM } }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: all, namespace: shop }
spec:
  host: "*.shop.svc.cluster.local"
${topLevelTtl}`,
    expect: [tcp, ruleItself],
  },
  {
    name: 'The rule is not exported to clients in other namespaces',
    yaml: `${shop}${tcpService}${rule}  exportTo: [.]
${topLevelTtl}${mail}`,
    expect: [tcp],
  },
  {
    name: "A rule in the clients' own namespace wins",
    yaml: `${shop}${tcpService}${rule}${topLevelTtl}${mail}---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ledger, namespace: mail }
spec:
  host: ledger.shop.svc.cluster.local
  trafficPolicy: { connectionPool: { tcp: { connectTimeout: 1s } } }
`,
    expect: [tcp, 'rule-without-ttl | DestinationRule mail/ledger'],
  },
  {
    name: 'A weighted TCP route takes the rule of its first destination for all',
    yaml: `${shop}${tcpService}${rule}${topLevelTtl}---
apiVersion: v1
kind: Service
metadata: { name: archive, namespace: shop }
spec: { selector: { app: archive }, ports: [{ name: tcp-ledger, port: 7000 }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ledger, namespace: shop }
spec:
  hosts: [ledger.shop.svc.cluster.local]
  tcp:
    - route:
        - { destination: { host: archive.shop.svc.cluster.local }, weight: 10 }
        - { destination: { host: ledger.shop.svc.cluster.local }, weight: 90 }
`,
    expect: [tcp],
  },
  {
    name: 'HTTP without a TTL is worth knowing, no more',
    yaml: `${shop}${httpService}`,
    expect: [http],
  },
  {
    name: 'A connection pool of its own loses the default of the mesh',
    yaml: `${shop}${httpService}${rule}  trafficPolicy: { connectionPool: { tcp: { connectTimeout: 1s } } }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  mesh: |
    defaultTrafficPolicy: { connectionPool: { tcp: { maxConnectionDuration: 60s } } }
`,
    expect: [http],
  },
  {
    name: 'WebSockets live until they are cut',
    yaml: `${shop}---
apiVersion: v1
kind: Service
metadata: { name: ledger, namespace: shop }
spec:
  selector: { app: ledger }
  ports: [{ name: ws, port: 80, appProtocol: kubernetes.io/ws }]
`,
    expect: ['unbounded-stream | Deployment shop/ledger'],
  },
  {
    name: 'The protocol is not declared: postgres is no name that Istio knows',
    yaml: `${shop}---
apiVersion: v1
kind: Service
metadata: { name: ledger, namespace: shop }
spec: { selector: { app: ledger }, ports: [{ name: postgres, port: 5432 }] }
`,
    expect: ['unbounded-undeclared | Deployment shop/ledger'],
  },
];
