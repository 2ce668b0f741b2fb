import type { Json, JsonObject } from '../../policies/core/json.ts';
import type { AdmissionGate } from '../../webhooks/admission/request.ts';
import type { LoadTask } from './load.ts';

/** Services in the mesh that the gate judges in. */
export const services = 200;

/** The grace period in seconds that the Pod of the bench needs: twice its clients' connection TTL. */
export const neededGraceSeconds = 61;

/** The annotation that is filled in. */
export const annotationName = 'proxy.istio.io/config';

const wantedBytes = 8_700;
const ttl = '30s';

/** What Pods have of their own in each review, as the load generator varies it. */
const generated = {
  uid: '3c9a3a2e-0c0e-4b58-9c41-7a3b4f5c6d7e',
  podUid: 'a6840262-7d9a-4a18-98c4-e02bb0ed837e',
  nameSuffix: 'xkq7z',
  volumeSuffix: 'l6qvf',
};
const ofEachPod: LoadTask['varied'] = {
  [generated.uid]: 'hexadecimal',
  [generated.podUid]: 'hexadecimal',
  [generated.nameSuffix]: 'letters',
  [generated.volumeSuffix]: 'letters',
};

const given = {
  uid: generated.podUid,
  generation: 1,
  creationTimestamp: '2026-11-23T04:14:24Z',
};

/** What reviews are of: a template's Pods, which differ in what is generated, or Pods of as many templates. */
export interface Pods {
  readonly name: string;
  readonly app: string;
  readonly tag: string;
  readonly varied: LoadTask['varied'];
}

/** Pods as a ReplicaSet makes them by the hundred. */
export const ofOneTemplate: Pods = {
  name: 'one template',
  app: 'ledger-107',
  tag: '3.2.00000001',
  varied: ofEachPod,
};

/** Pods of another application and image each time. */
export const allDifferent: Pods = {
  name: 'all different',
  app: 'ledger-1QQ',
  tag: '3.2.ZZZZZZZZ',
  varied: { ...ofEachPod, QQ: 'digits', ZZZZZZZZ: 'digits' },
};

/** A Pod as the API server sends it at CREATE: defaulted, with managed fields, 8 to 9 kB as a review; to the validating gate with a name. */
export function podReview(pods: Pods, gate: AdmissionGate): string {
  const environment: Json[] = [];
  let text = reviewOf(environment, pods, gate === 'validate');
  for (let index = 0; text.length < wantedBytes; index += 1) {
    environment.push({
      name: `SETTING_${String(index)}`,
      valueFrom: { configMapKeyRef: { name: 'ledger-settings', key: `setting-${String(index)}` } },
    });
    text = reviewOf(environment, pods, gate === 'validate');
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

function reviewOf(env: readonly Json[], pods: Pods, isNamed: boolean): string {
  const generateName = `${pods.app}-6d4f8b9c5-`;
  const name = isNamed ? { name: `${generateName}${generated.nameSuffix}` } : {};
  const managed = Object.fromEntries(
    env.map((_, index) => [`k:{"name":"SETTING_${String(index)}"}`, { '.': {}, 'f:name': {} }]),
  );
  return JSON.stringify({
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: generated.uid,
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      requestKind: { group: '', version: 'v1', kind: 'Pod' },
      requestResource: { group: '', version: 'v1', resource: 'pods' },
      ...name,
      namespace: 'shop',
      operation: 'CREATE',
      userInfo: {
        username: 'system:serviceaccount:kube-system:replicaset-controller',
        groups: ['system:serviceaccounts', 'system:authenticated'],
      },
      object: {
        kind: 'Pod',
        apiVersion: 'v1',
        metadata: {
          ...name,
          generateName,
          namespace: 'shop',
          ...(isNamed ? given : {}),
          ...metadataOf(pods, managed),
        },
        spec: specOf(env, pods),
        status: {},
      },
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
    },
  });
}

function metadataOf({ app }: Pods, managed: JsonObject): JsonObject {
  return {
    labels: { app, version: 'v3', 'pod-template-hash': '6d4f8b9c5' },
    annotations: { 'prometheus.io/scrape': 'true' },
    ownerReferences: [
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: `${app}-6d4f8b9c5`,
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
  };
}

function specOf(env: readonly Json[], { tag }: Pods): JsonObject {
  const name = `kube-api-access-${generated.volumeSuffix}`;
  const token = { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } };
  return {
    volumes: [{ name, projected: { sources: [token], defaultMode: 420 } }],
    containers: [
      {
        name: 'app',
        image: `registry.example.com/shop/ledger:${tag}`,
        ports: [{ name: 'tcp-ledger', containerPort: 5000, protocol: 'TCP' }],
        env,
        resources: { limits: { memory: '256Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
        volumeMounts: [{ name, readOnly: true, mountPath: '/var/run/secrets/token' }],
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
    tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' }],
    priority: 0,
    enableServiceLinks: true,
  };
}
