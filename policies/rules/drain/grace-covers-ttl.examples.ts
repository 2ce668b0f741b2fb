import type { Example } from '../../core/policy.ts';

const shop = `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: v1
kind: Service
metadata: { name: ledger, namespace: shop }
spec: { selector: { app: ledger }, ports: [{ name: tcp-ledger, port: 7000 }] }
`;
const tcpRule = `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ledger, namespace: shop }
spec:
  host: ledger.shop.svc.cluster.local
  trafficPolicy: { connectionPool: { tcp: { maxConnectionDuration: 60s } } }
`;
const classic = { nativeSidecars: false };
const native = { nativeSidecars: true };
const bothShort = [
  'drain-too-short | Deployment shop/ledger',
  'rule-outlives-drain | DestinationRule shop/ledger',
];

/** Meshes in which the policy holds, and meshes in which it does not. */
export const graceCoversTtlExamples: readonly Example[] = [
  {
    name: 'A classic sidecar that drains for twice the TTL, within a longer grace period',
    mesh: classic,
    yaml: `${shop}${tcpRule}---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ledger, namespace: shop }
spec:
  template:
    metadata:
      labels: { app: ledger }
      annotations:
        proxy.istio.io/config: |
          terminationDrainDuration: 120s
    spec:
      terminationGracePeriodSeconds: 130
      containers: [{ name: app, image: ledger }]
`,
    expect: [],
  },
  {
    name: "The proxy's own preStop hook counts as serving time",
    mesh: classic,
    yaml: `${shop}${tcpRule}---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ledger, namespace: shop }
spec:
  template:
    metadata:
      labels: { app: ledger }
      annotations: { proxy.istio.io/config: '{"terminationDrainDuration": "60s"}' }
    spec:
      terminationGracePeriodSeconds: 130
      containers:
        - { name: app, image: ledger }
        - { name: istio-proxy, image: auto, lifecycle: { preStop: { sleep: { seconds: 60 } } } }
`,
    expect: [],
  },
  {
    name: 'EXIT_ON_ZERO_ACTIVE_CONNECTIONS waits for connections until the grace period ends',
    mesh: classic,
    yaml: `${shop}${tcpRule}---
apiVersion: networking.istio.io/v1beta1
kind: ProxyConfig
metadata: { name: ledger, namespace: shop }
spec:
  selector: { matchLabels: { app: ledger } }
  environmentVariables: { EXIT_ON_ZERO_ACTIVE_CONNECTIONS: "true" }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ledger, namespace: shop }
spec:
  template:
    metadata: { labels: { app: ledger } }
    spec: { terminationGracePeriodSeconds: 130, containers: [{ name: app, image: ledger }] }
`,
    expect: [],
  },
  {
    name: 'A native sidecar whose application stays for two TTLs after the deletion',
    mesh: native,
    yaml: `${shop}${tcpRule}---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ledger, namespace: shop }
spec:
  template:
    metadata: { labels: { app: ledger } }
    spec:
      terminationGracePeriodSeconds: 140
      containers:
        - name: app
          image: ledger
          lifecycle: { preStop: { exec: { command: [sh, -c, "sleep 120"] } } }
`,
    expect: [],
  },
  {
    name: 'Ambient Pods have no sidecar to drain',
    yaml: `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio.io/dataplane-mode: ambient } }
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
`,
    expect: [],
  },
  {
    name: 'Nothing is said of a namespace that is not among the inputs',
    mesh: classic,
    params: { connectionTtl: '60s' },
    yaml: `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ledger, namespace: elsewhere }
spec:
  template:
    metadata: { labels: { app: ledger } }
    spec: { containers: [{ name: app, image: ledger }] }
`,
    expect: [],
  },
  {
    name: 'Nothing is declared: the proxy drains for 5s',
    mesh: classic,
    yaml: `${shop}${tcpRule}---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ledger, namespace: shop }
spec:
  template:
    metadata: { labels: { app: ledger } }
    spec: { containers: [{ name: app, image: ledger }] }
`,
    expect: bothShort,
  },
  {
    name: 'A drain of 1.5 TTLs leaves no room for slow clients; the fix keeps comments and spelling',
    mesh: classic,
    yaml: `${shop}${tcpRule}---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ledger, namespace: shop }
spec:
  template:
    metadata:
      labels: { app: ledger }
      annotations:
        proxy.istio.io/config: |
          # agreed with the payments team
          termination_drain_duration: 90s # one and a half TTLs
          concurrency: 2
    spec: { terminationGracePeriodSeconds: 200, containers: [{ name: app, image: ledger }] }
`,
    expect: bothShort,
  },
  {
    name: 'The drain is on the Deployment, where Istio does not read it',
    mesh: classic,
    yaml: `${shop}${tcpRule}---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ledger
  namespace: shop
  annotations: { proxy.istio.io/config: "terminationDrainDuration: 120s" }
spec:
  template:
    metadata: { labels: { app: ledger } }
    spec: { terminationGracePeriodSeconds: 130, containers: [{ name: app, image: ledger }] }
`,
    expect: bothShort,
  },
  {
    name: 'The drain is long, but the grace period ends it',
    mesh: classic,
    yaml: `${shop}${tcpRule}---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ledger, namespace: shop }
spec:
  template:
    metadata:
      labels: { app: ledger }
      annotations: { proxy.istio.io/config: "terminationDrainDuration: 150s" }
    spec: { containers: [{ name: app, image: ledger }] }
`,
    expect: [
      'grace-too-short | Deployment shop/ledger',
      'rule-outlives-drain | DestinationRule shop/ledger',
    ],
  },
  {
    name: 'A native sidecar ends with an application that may stop at once',
    mesh: native,
    yaml: `${shop}${tcpRule}---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ledger, namespace: shop }
spec:
  template:
    metadata: { labels: { app: ledger } }
    spec: { terminationGracePeriodSeconds: 140, containers: [{ name: app, image: ledger }] }
`,
    expect: ['drain-unproven | Deployment shop/ledger'],
  },
  {
    name: 'A gateway stays classic where sidecars are native, and declares its TTL itself',
    mesh: native,
    yaml: `
apiVersion: v1
kind: Namespace
metadata: { name: edge, labels: { istio-injection: enabled } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ingress, namespace: edge }
spec:
  template:
    metadata:
      labels: { app: ingress }
      annotations: { inject.istio.io/templates: gateway, meshgate.dev/connection-ttl: 5m }
    spec: { terminationGracePeriodSeconds: 310, containers: [{ name: istio-proxy, image: auto }] }
`,
    expect: ['drain-too-short | Deployment edge/ingress'],
  },
  {
    name: 'Clients keep a TTL that only the configuration knows',
    mesh: classic,
    params: { connectionTtl: '60s' },
    yaml: `${shop}---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ledger, namespace: shop }
spec:
  template:
    metadata: { labels: { app: ledger } }
    spec: { terminationGracePeriodSeconds: 200, containers: [{ name: app, image: ledger }] }
`,
    expect: ['drain-too-short | Deployment shop/ledger'],
  },
];
