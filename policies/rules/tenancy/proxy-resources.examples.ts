import type { Example } from '../../core/policy.ts';

function deployment(podAnnotations: string, annotations = '{}', container = ''): string {
  return `apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop, annotations: ${annotations} }
spec:
  template:
    metadata:
      labels: { app: web }
      annotations: ${podAnnotations}
    spec:
      containers:
      - { name: app, image: web }${container}
`;
}

const all = `
        sidecar.istio.io/proxyCPU: 200m
        sidecar.istio.io/proxyMemory: 256Mi
        sidecar.istio.io/proxyCPULimit: "2"
        sidecar.istio.io/proxyMemoryLimit: 1Gi`;

/** Meshes in which the policy holds, and meshes in which it does not. */
export const proxyResourcesExamples: readonly Example[] = [
  { name: "The chart's defaults", yaml: deployment('{}'), expect: [] },
  { name: 'All four are set', yaml: deployment(all), expect: [] },
  {
    name: 'Limits alone are their own requests',
    yaml: deployment(`
        sidecar.istio.io/proxyCPULimit: "2"
        sidecar.istio.io/proxyMemoryLimit: 1Gi`),
    expect: [],
    observed: 'Istio 1.31, injector: the limit of memory stands as its request too.',
  },
  {
    name: 'The proxy container declares its resources itself',
    yaml: deployment(
      '{ sidecar.istio.io/proxyCPU: 200m }',
      '{}',
      `
      - { name: istio-proxy, image: auto, resources: { requests: { memory: 256Mi } } }`,
    ),
    expect: [],
  },
  {
    name: 'One of the four drops the other three',
    yaml: deployment('{ sidecar.istio.io/proxyCPU: 200m }'),
    expect: ['defaults-dropped | Deployment shop/web'],
    observed:
      'Istio 1.31, injector: the resources of istio-proxy are requests.cpu 200m and nothing else.',
  },
  {
    name: 'A request above the default limit',
    yaml: deployment('{ sidecar.istio.io/proxyMemory: 2Gi, sidecar.istio.io/proxyCPU: 200m }'),
    expect: ['defaults-dropped | Deployment shop/web'],
  },
  {
    name: 'The chart has been given other defaults',
    yaml: `${deployment('{ sidecar.istio.io/proxyCPU: 200m }')}---
apiVersion: v1
kind: ConfigMap
metadata: { name: istio-sidecar-injector, namespace: istio-system }
data: { values: '{"global":{"proxy":{"resources":{"requests":{"cpu":"50m","memory":"64Mi"}}}}}' }
`,
    expect: ['defaults-dropped | Deployment shop/web'],
  },
  {
    name: 'Only the CPU limit is left out',
    yaml: deployment(all.replace(/.*CPULimit.*\n/u, '')),
    expect: ['defaults-dropped | Deployment shop/web'],
  },
  {
    name: 'The limit is less than the request',
    yaml: deployment(all.replace('256Mi', '2Gi')),
    expect: ['limit-below-request | Deployment shop/web'],
    observed: 'Istio 1.31 and Kubernetes 1.36: the API server refuses the injected Pod.',
  },
  {
    name: 'A value that is no quantity',
    yaml: deployment(all.replace('256Mi', '256MB')),
    expect: ['unreadable | Deployment shop/web'],
    observed: 'Istio 1.31 and Kubernetes 1.36: no Pod is made.',
  },
  {
    name: 'On the Deployment in place of its Pods',
    yaml: deployment('{}', '{ sidecar.istio.io/proxyCPU: 200m }'),
    expect: ['misplaced | Deployment shop/web'],
  },
];
