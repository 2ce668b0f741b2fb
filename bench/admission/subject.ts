import type { Json, JsonObject } from '../../policies/core/json.ts';

/** Services in the mesh that the gate judges in. */
export const services = 200;

/** The grace period in seconds that the Pod of the bench needs: twice its clients' connection TTL. */
export const neededGraceSeconds = 61;

/** The annotation that is filled in. */
export const annotationName = 'proxy.istio.io/config';

const wantedBytes = 8_700;
const ttl = '30s';

/** A Pod as the API server sends it at CREATE: defaulted, with managed fields, 8 to 9 kB as a review. */
export function podReview(): string {
  const environment: Json[] = [];
  let text = reviewOf(environment);
  for (let index = 0; text.length < wantedBytes; index += 1) {
    environment.push({
      name: `SETTING_${String(index)}`,
      valueFrom: { configMapKeyRef: { name: 'ledger-settings', key: `setting-${String(index)}` } },
    });
    text = reviewOf(environment);
  }
  return text;
}

/** The objects of the mesh: a namespace that is injected, and services each with a TCP port and a DestinationRule. */
export function meshObjects(): readonly JsonObject[] {
  const objects: JsonObject[] = [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'shop', labels: { 'istio-injection': 'enabled' } },
    },
  ];
  for (let index = 0; index < services; index += 1) {
    const app = `ledger-${String(index)}`;
    objects.push(
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: app, namespace: 'shop' },
        spec: { selector: { app }, ports: [{ name: 'tcp-ledger', port: 5000, protocol: 'TCP' }] },
      },
      {
        apiVersion: 'networking.istio.io/v1',
        kind: 'DestinationRule',
        metadata: { name: app, namespace: 'shop' },
        spec: {
          host: `${app}.shop.svc.cluster.local`,
          trafficPolicy: { connectionPool: { tcp: { maxConnectionDuration: ttl } } },
        },
      },
    );
  }
  return objects;
}

function reviewOf(env: readonly Json[]): string {
  const managed = Object.fromEntries(
    env.map((_, index) => [`k:{"name":"SETTING_${String(index)}"}`, { '.': {}, 'f:name': {} }]),
  );
  return JSON.stringify({
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: '3c9a3a2e-0c0e-4b58-9c41-7a3b4f5c6d7e',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      requestKind: { group: '', version: 'v1', kind: 'Pod' },
      requestResource: { group: '', version: 'v1', resource: 'pods' },
      namespace: 'shop',
      operation: 'CREATE',
      userInfo: {
        username: 'system:serviceaccount:kube-system:replicaset-controller',
        groups: ['system:serviceaccounts', 'system:authenticated'],
      },
      object: podOf(env, managed),
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
    },
  });
}

function podOf(env: readonly Json[], managed: JsonObject): JsonObject {
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      generateName: 'ledger-7-6d4f8b9c5-',
      namespace: 'shop',
      labels: { app: 'ledger-7', version: 'v3', 'pod-template-hash': '6d4f8b9c5' },
      annotations: { 'prometheus.io/scrape': 'true' },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: 'ledger-7-6d4f8b9c5',
          uid: '0e1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
      managedFields: [
        {
          manager: 'kube-controller-manager',
          operation: 'Update',
          apiVersion: 'v1',
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:spec': { 'f:containers': { 'k:{"name":"app"}': { 'f:env': managed } } } },
        },
      ],
    },
    spec: {
      containers: [
        {
          name: 'app',
          image: 'registry.example.com/shop/ledger:3.2.1',
          ports: [{ name: 'tcp-ledger', containerPort: 5000, protocol: 'TCP' }],
          env,
          resources: { limits: { memory: '256Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
          readinessProbe: { tcpSocket: { port: 5000 }, periodSeconds: 10, failureThreshold: 3 },
          terminationMessagePath: '/dev/termination-log',
          imagePullPolicy: 'IfNotPresent',
        },
      ],
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: 'ledger',
      schedulerName: 'default-scheduler',
      tolerations: [
        { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
      ],
      priority: 0,
      enableServiceLinks: true,
    },
    status: {},
  };
}
