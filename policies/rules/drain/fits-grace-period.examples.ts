import type { Example } from '../../core/policy.ts';

const shop = `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
`;
const classic = { nativeSidecars: false };
const native = { nativeSidecars: true };

/** Meshes in which the policy holds, and meshes in which it does not. */
export const fitsGracePeriodExamples: readonly Example[] = [
  {
    name: "Istio's drain of 5s fits Kubernetes' grace period of 30s",
    mesh: classic,
    yaml: `${shop}---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ledger, namespace: shop }
spec:
  template:
    metadata: { labels: { app: ledger } }
    spec: { containers: [{ name: app, image: ledger }] }
`,
    expect: [],
  },
  {
    name: "The application's preStop hook runs beside the drain, not before it",
    mesh: classic,
    yaml: `${shop}---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ledger, namespace: shop }
spec:
  template:
    metadata:
      annotations: { proxy.istio.io/config: "terminationDrainDuration: 50s" }
    spec:
      terminationGracePeriodSeconds: 60
      containers:
        - name: app
          image: ledger
          lifecycle: { preStop: { sleep: { seconds: 50 } } }
`,
    expect: [],
  },
  {
    name: 'A native sidecar does not wait for its drain settings',
    mesh: native,
    yaml: `${shop}---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ledger, namespace: shop }
spec:
  template:
    metadata:
      annotations: { proxy.istio.io/config: "terminationDrainDuration: 150s" }
    spec: { containers: [{ name: app, image: ledger }] }
`,
    expect: [],
  },
  {
    name: 'Pods without a sidecar have no drain',
    yaml: `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: disabled } }
---
apiVersion: batch/v1
kind: Job
metadata: { name: import, namespace: shop }
spec:
  template:
    spec: { terminationGracePeriodSeconds: 0, containers: [{ name: app, image: import }] }
`,
    expect: [],
  },
  {
    name: 'The drain is longer than the grace period, which nobody has set',
    mesh: classic,
    yaml: `${shop}---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: ledger, namespace: shop }
spec:
  template:
    metadata:
      annotations:
        proxy.istio.io/config: |
          terminationDrainDuration: 2m30s
    spec: { containers: [{ name: app, image: ledger }] }
`,
    expect: ['drain-exceeds-grace | StatefulSet shop/ledger'],
  },
  {
    name: 'Drain settings are there, and nothing tells whether sidecars are native',
    yaml: `${shop}---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ledger, namespace: shop }
spec:
  template:
    metadata:
      annotations: { proxy.istio.io/config: '{"terminationDrainDuration":"60s"}' }
    spec: { terminationGracePeriodSeconds: 60, containers: [{ name: app, image: ledger }] }
`,
    expect: ['drain-exceeds-grace | Deployment shop/ledger'],
  },
  {
    name: "The proxy's preStop hook and its drain are added up",
    mesh: classic,
    yaml: `${shop}---
apiVersion: v1
kind: Pod
metadata: { name: ledger, namespace: shop }
spec:
  terminationGracePeriodSeconds: 34
  containers:
    - { name: app, image: ledger }
    - name: istio-proxy
      image: auto
      lifecycle: { preStop: { exec: { command: [sleep, "30"] } } }
`,
    expect: ['drain-exceeds-grace | Pod shop/ledger'],
  },
  {
    name: 'MINIMUM_DRAIN_DURATION ends after the grace period',
    mesh: classic,
    yaml: `${shop}---
apiVersion: networking.istio.io/v1beta1
kind: ProxyConfig
metadata: { name: defaults, namespace: shop }
spec:
  environmentVariables:
    EXIT_ON_ZERO_ACTIVE_CONNECTIONS: "true"
    MINIMUM_DRAIN_DURATION: 60s
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: agent, namespace: shop }
spec:
  template:
    spec: { terminationGracePeriodSeconds: 45, containers: [{ name: app, image: agent }] }
`,
    expect: ['minimum-drain-exceeds-grace | DaemonSet shop/agent'],
  },
  {
    name: 'The application sleeps until it is killed',
    mesh: native,
    yaml: `${shop}---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: { name: ledger, namespace: shop }
spec:
  template:
    spec:
      containers:
        - name: app
          image: ledger
          lifecycle: { preStop: { exec: { command: [sh, -c, "sleep 1m"] } } }
`,
    expect: ['pre-stop-exceeds-grace | Rollout shop/ledger'],
  },
  {
    name: 'A grace period of 0 is a decision, and is told',
    mesh: classic,
    yaml: `${shop}---
apiVersion: batch/v1
kind: CronJob
metadata: { name: report, namespace: shop }
spec:
  jobTemplate:
    spec:
      template:
        spec: { terminationGracePeriodSeconds: 0, containers: [{ name: app, image: report }] }
`,
    expect: ['no-grace | CronJob shop/report'],
  },
  {
    name: 'A Rollout that names a Deployment has no Pods of its own to judge',
    mesh: classic,
    yaml: `${shop}---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: { name: ledger, namespace: shop }
spec: { workloadRef: { apiVersion: apps/v1, kind: Deployment, name: ledger } }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data: { mesh: "defaultConfig: { terminationDrainDuration: 60s }" }
`,
    expect: [],
  },
];
