import type { Example } from '../../core/policy.ts';

const shop = `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
`;
const classic = { nativeSidecars: false };
const native = { nativeSidecars: true };

const ledger = `${shop}---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ledger, namespace: shop }
spec:
  template:
    spec: { containers: [{ name: app, image: ledger }] }
    metadata:
      labels: { app: ledger }
      annotations:
        proxy.istio.io/config: |
`;
const tcpService = `---
apiVersion: v1
kind: Service
metadata: { name: ledger, namespace: shop }
spec: { selector: { app: ledger }, ports: [{ name: tcp-ledger, port: 7000 }] }
`;

/** Meshes in which the policy holds, and meshes in which it does not. */
export const effectiveSettingsExamples: readonly Example[] = [
  {
    name: 'A classic sidecar reads its drain, in camel case or snake case',
    mesh: classic,
    yaml: `${ledger}          termination_drain_duration: 2m30s
`,
    expect: [],
  },
  {
    name: 'The two variables of EXIT_ON_ZERO belong together',
    mesh: classic,
    yaml: `${ledger}          proxyMetadata:
            EXIT_ON_ZERO_ACTIVE_CONNECTIONS: "TRUE"
            MINIMUM_DRAIN_DURATION: 10s
`,
    expect: [],
  },
  {
    name: 'A JSON annotation is YAML too',
    mesh: classic,
    yaml: `${ledger}          {"terminationDrainDuration": "60s", "concurrency": 2}
`,
    expect: [],
  },
  {
    name: 'The TTL of an HTTP port is read',
    yaml: `
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: web }, ports: [{ name: http, port: 80 }] }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: web, namespace: shop }
spec:
  host: web.shop.svc.cluster.local
  trafficPolicy:
    portLevelSettings:
      - port: { number: 80 }
        connectionPool: { tcp: { maxConnectionDuration: 60s } }
`,
    expect: [],
  },
  {
    name: 'The annotation is on the Deployment instead of its pod template',
    mesh: classic,
    yaml: `${shop}---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ledger
  namespace: shop
  annotations: { proxy.istio.io/config: "terminationDrainDuration: 60s" }
spec:
  template:
    spec: { containers: [{ name: app, image: ledger }] }
`,
    expect: ['annotation-on-controller | Deployment shop/ledger'],
  },
  {
    name: 'A number is no duration: the injector refuses the Pods',
    mesh: classic,
    yaml: `${ledger}          concurrency: 2
          terminationDrainDuration: 60
`,
    expect: ['annotation-denied | Deployment shop/ledger'],
  },
  {
    name: 'A misspelt key and a wrapper are dropped in silence',
    mesh: classic,
    yaml: `${ledger}          terminationDrainDuraton: 60s
          defaultConfig: {}
`,
    expect: [
      'annotation-ignored | Deployment shop/ledger',
      'annotation-ignored | Deployment shop/ledger',
    ],
  },
  {
    name: 'A native sidecar has drained before these settings could act',
    mesh: native,
    yaml: `${ledger}          terminationDrainDuration: 60s
          proxyMetadata: { EXIT_ON_ZERO_ACTIVE_CONNECTIONS: "true" }
`,
    expect: ['native-ignores | Deployment shop/ledger', 'native-ignores | Deployment shop/ledger'],
  },
  {
    name: 'A ProxyConfig for nothing but native sidecars',
    mesh: native,
    yaml: `${ledger}          concurrency: 2
---
apiVersion: networking.istio.io/v1beta1
kind: ProxyConfig
metadata: { name: ledger, namespace: shop }
spec:
  selector: { matchLabels: { app: ledger } }
  environmentVariables: { MINIMUM_DRAIN_DURATION: 30s }
`,
    expect: ['native-ignores | ProxyConfig shop/ledger'],
  },
  {
    name: 'A proxy declared among the init containers is native, whatever else is unknown',
    yaml: `${shop}---
apiVersion: v1
kind: Pod
metadata: { name: ledger, namespace: shop, annotations: { status.sidecar.istio.io/port: "15020 ", proxy.istio.io/config: "terminationDrainDuration: 60s" } }
spec:
  initContainers: [{ name: istio-proxy, image: auto, restartPolicy: Always }]
  containers: [{ name: app, image: ledger }]
`,
    expect: ['native-ignores | Pod shop/ledger'],
  },
  {
    name: 'A lifecycle without hooks among the values of the injector leaves Istio its own',
    mesh: native,
    yaml: `${ledger}          terminationDrainDuration: 60s
---
apiVersion: v1
kind: ConfigMap
metadata: { name: istio-sidecar-injector, namespace: istio-system }
data: { values: '{ "global": { "proxy": { "lifecycle": {} } } }' }
`,
    expect: ['native-ignores | Deployment shop/ledger'],
  },
  {
    name: 'The drain hook of a native sidecar speaks to four ports only',
    mesh: native,
    yaml: `${shop}---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ledger, namespace: shop }
spec:
  template:
    metadata: { annotations: { status.sidecar.istio.io/port: "15555" } }
    spec: { containers: [{ name: app, image: ledger }] }
`,
    expect: ['drain-hook-port | Deployment shop/ledger'],
  },
  {
    name: 'A status port that is no number, which the injector refuses',
    mesh: classic,
    yaml: `${shop}---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ledger, namespace: shop }
spec:
  template:
    metadata: { annotations: { status.sidecar.istio.io/port: http-status } }
    spec: { containers: [{ name: app, image: ledger }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: orders, namespace: shop }
spec:
  template:
    metadata: { annotations: { status.sidecar.istio.io/port: "15021 " } }
    spec: { containers: [{ name: app, image: orders }] }
`,
    expect: ['status-port-denied | Deployment shop/ledger'],
  },
  {
    name: 'EXIT_ON_ZERO replaces terminationDrainDuration',
    mesh: classic,
    yaml: `${ledger}          terminationDrainDuration: 60s
          proxyMetadata: { EXIT_ON_ZERO_ACTIVE_CONNECTIONS: "1" }
`,
    expect: ['exit-on-zero-ignores | Deployment shop/ledger'],
  },
  {
    name: 'MINIMUM_DRAIN_DURATION needs a flag that reads as true, and yes does not',
    mesh: classic,
    yaml: `${ledger}          proxyMetadata:
            EXIT_ON_ZERO_ACTIVE_CONNECTIONS: "yes"
            MINIMUM_DRAIN_DURATION: 30s
`,
    expect: [
      'exit-on-zero-unreadable | Deployment shop/ledger',
      'minimum-drain-unused | Deployment shop/ledger',
    ],
  },
  {
    name: 'MINIMUM_DRAIN_DURATION needs a unit',
    mesh: classic,
    yaml: `${ledger}          proxyMetadata: { EXIT_ON_ZERO_ACTIVE_CONNECTIONS: "true", MINIMUM_DRAIN_DURATION: "30" }
`,
    expect: ['minimum-drain-unreadable | Deployment shop/ledger'],
  },
  {
    name: 'A drain of zero ends the proxy at once',
    mesh: classic,
    yaml: `${ledger}          terminationDrainDuration: 0s
`,
    expect: ['drain-not-positive | Deployment shop/ledger'],
  },
  {
    name: 'A TTL that is declared without a unit',
    mesh: classic,
    yaml: `${shop}---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ledger, namespace: shop, annotations: { meshgate.dev/connection-ttl: "60" } }
spec:
  template:
    spec: { containers: [{ name: app, image: ledger }] }
---
apiVersion: v1
kind: Pod
metadata: { name: ledger, namespace: shop, annotations: { meshgate.dev/connection-ttl: 0s } }
spec: { containers: [{ name: app, image: ledger }] }
`,
    expect: ['ttl-unreadable | Deployment shop/ledger', 'ttl-unreadable | Pod shop/ledger'],
  },
  {
    name: 'Drain settings where no proxy is injected',
    yaml: `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: disabled } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ledger, namespace: shop }
spec:
  template:
    metadata: { annotations: { proxy.istio.io/config: "terminationDrainDuration: 60s" } }
    spec: { containers: [{ name: app, image: ledger }] }
`,
    expect: ['no-proxy | Deployment shop/ledger'],
  },
  {
    name: 'TCP listeners read neither the TTL of a port nor that of a subset',
    yaml: `${shop}${tcpService}---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ledger, namespace: shop }
spec:
  host: ledger.shop.svc.cluster.local
  trafficPolicy:
    portLevelSettings:
      - port: { number: 7000 }
        connectionPool: { tcp: { maxConnectionDuration: 60s } }
  subsets:
    - name: v1
      trafficPolicy: { connectionPool: { tcp: { maxConnectionDuration: 60s } } }
`,
    expect: [
      'port-ttl-for-tcp | DestinationRule shop/ledger',
      'port-ttl-for-tcp | DestinationRule shop/ledger',
    ],
  },
  {
    name: 'A Sidecar cannot bound inbound TCP',
    yaml: `${ledger}          concurrency: 2
${tcpService}---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: ledger, namespace: shop }
spec:
  workloadSelector: { labels: { app: ledger } }
  inboundConnectionPool: { tcp: { maxConnectionDuration: 60s } }
`,
    expect: ['sidecar-ttl-for-tcp | Sidecar shop/ledger'],
  },
];
