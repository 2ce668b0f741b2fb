/** The files of a repository of apps, half of them Kustomize overlays and half releases of a chart by Argo CD. */
export function monorepo(
  apps: number,
  ttlOf: (app: number) => string,
): ReadonlyMap<string, string> {
  const files = new Map<string, string>([
    ['charts/app/Chart.yaml', 'apiVersion: v2\nname: app\nversion: 1.0.0\n'],
    ['charts/app/values.yaml', 'ttl: 60s\nimage: registry.example.com/app:1\n'],
    ['charts/app/templates/all.yaml', chartTemplate],
    ['base/kustomization.yaml', 'resources: [app.yaml]\n'],
    ['base/app.yaml', workload('app', 'registry.example.com/app:1')],
  ]);
  for (let app = 0; app < apps; app += 1) {
    const name = `app-${String(app)}`;
    const namespace = `team-${String(app % 50)}`;
    if (app % 2 === 0) {
      files.set(`overlays/${name}/kustomization.yaml`, overlay(name, namespace));
      files.set(`overlays/${name}/rule.yaml`, rule(`${name}-app`, namespace, ttlOf(app)));
    } else {
      files.set(`apps/${name}.yaml`, application(name, namespace));
      files.set(`values/${name}.yaml`, `ttl: ${ttlOf(app)}\n`);
    }
  }
  return files;
}

function workload(name: string, image: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata:
      labels: {app: ${name}}
      annotations:
        proxy.istio.io/config: |
          terminationDrainDuration: 150s
    spec:
      terminationGracePeriodSeconds: 180
      containers:
        - name: app
          image: ${image}
          ports: [{containerPort: 7000}]
---
apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  selector: {app: ${name}}
  ports: [{name: tcp-app, port: 7000}]
`;
}

function overlay(name: string, namespace: string): string {
  return `namespace: ${namespace}
namePrefix: ${name}-
resources: [../../base, rule.yaml]
labels: [{pairs: {app: ${name}}, includeSelectors: true}]
patches:
  - target: {kind: Deployment}
    patch: |
      - {op: add, path: /spec/replicas, value: 3}
`;
}

function rule(name: string, namespace: string, ttl: string): string {
  return `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: rule
spec:
  host: ${name}.${namespace}.svc.cluster.local
  trafficPolicy: {connectionPool: {tcp: {maxConnectionDuration: ${ttl}}}}
`;
}

function application(name: string, namespace: string): string {
  return `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: ${name}, namespace: argocd}
spec:
  destination: {server: https://kubernetes.default.svc, namespace: ${namespace}}
  source:
    repoURL: https://git.example.com/deploy.git
    path: charts/app
    helm: {valueFiles: [../../values/${name}.yaml]}
`;
}

const chartTemplate = `${workload('{{ .Release.Name }}', '{{ .Values.image }}')}---
${rule('{{ .Release.Name }}', '{{ .Release.Namespace }}', '{{ .Values.ttl }}')}`;
