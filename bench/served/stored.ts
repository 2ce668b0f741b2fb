import {
  isObject,
  listIn,
  objectIn,
  stringIn,
  type Json,
  type JsonObject,
} from '../../policies/core/json.ts';

const variables = 25;
const conditions = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady'];
const probe = { tcpSocket: { port: 8080 }, periodSeconds: 10, failureThreshold: 3 };

/** An object with what an API server holds of it beside what was declared: some 6 kB of a Pod or of what makes Pods. */
export function asStored(object: JsonObject, index: number): JsonObject {
  const metadata = storedMetadata(object, index);
  const spec = objectIn(object, 'spec');
  if (object['kind'] === 'Pod') {
    return { ...object, metadata, spec: filledSpec(spec, index), status: podStatus(index) };
  }
  if (!makesPods(object)) {
    return { ...object, metadata };
  }
  const template = objectIn(spec, 'template');
  const filled = { ...template, spec: filledSpec(objectIn(template, 'spec'), index) };
  return {
    ...object,
    metadata,
    spec: { replicas: 5, progressDeadlineSeconds: 600, ...spec, template: filled },
    status: { replicas: 5, readyReplicas: 5, observedGeneration: 1 },
  };
}

/** What an API server gives of it to those who ask for metadata alone. */
export function metadataOf(object: JsonObject, index: number): JsonObject {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: storedMetadata(object, index),
  };
}

function storedMetadata(object: JsonObject, index: number): JsonObject {
  const isPod = object['kind'] === 'Pod';
  return {
    ...objectIn(object, 'metadata'),
    // There from the start, so that changes do not make the object larger.
    labels: { ...objectIn(object, 'metadata', 'labels'), changed: String(1_000_000 + index) },
    uid: `0e1f2a3b-4c5d-4e6f-8a9b-${String(index).padStart(12, '0')}`,
    resourceVersion: String(index + 1),
    creationTimestamp: '2026-11-23T04:14:24Z',
    ...(isPod ? { ownerReferences: [ownerOf(object)] } : {}),
    managedFields: isPod || makesPods(object) ? manyManaged : fewManaged,
  };
}

function makesPods(object: JsonObject): boolean {
  return isObject(objectIn(object, 'spec')['template']);
}

/** The ReplicaSet that a Deployment's controller makes. */
export function replicaSetOf(deployment: JsonObject): JsonObject {
  const metadata = objectIn(deployment, 'metadata');
  const name = stringIn(metadata, 'name') ?? '';
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name, uid: '', controller: true };
  return {
    ...deployment,
    kind: 'ReplicaSet',
    metadata: { ...metadata, name: `${name}-6d4f8b9c5`, ownerReferences: [owner] },
  };
}

/** Every hundredth application is a database: an operator makes its Pods, which no workload tells of. */
function ownerOf(pod: JsonObject): JsonObject {
  const app = stringIn(pod, 'metadata', 'labels', 'app') ?? '';
  return app.endsWith('00')
    ? { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', name: app, uid: '', controller: true }
    : {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: `${app}-6d4f8b9c5`,
        uid: '',
        controller: true,
      };
}

function filledSpec(spec: JsonObject, index: number): JsonObject {
  const name = `kube-api-access-${String(index).padStart(5, '0')}`;
  const env = Array.from({ length: variables }, (_, variable) => ({
    name: `SETTING_${String(variable)}`,
    value: `value-${String(variable)}-of-${String(index)}`,
  }));
  const containers = listIn(spec, 'containers').map((container) => ({
    ...objectIn(container),
    env,
    resources: { limits: { memory: '256Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
    readinessProbe: probe,
    livenessProbe: probe,
    volumeMounts: [{ name, readOnly: true, mountPath: '/var/run/secrets/token' }],
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
  }));
  return {
    ...spec,
    containers,
    volumes: [{ name, projected: { sources: [], defaultMode: 420 } }],
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    serviceAccountName: 'default',
    schedulerName: 'default-scheduler',
    tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' }],
  };
}

function podStatus(index: number): JsonObject {
  const podIP = `10.${String(index >> 16)}.${String((index >> 8) & 255)}.${String(index & 255)}`;
  return {
    phase: 'Running',
    podIP,
    podIPs: [{ ip: podIP }],
    conditions: conditions.map((type) => ({ type, status: 'True', lastTransitionTime: time })),
    containerStatuses: [{ name: 'app', ready: true, restartCount: 0, imageID: 'x'.repeat(90) }],
  };
}

const time = '2026-11-23T04:14:24Z';

const manyManaged = managed(variables);
const fewManaged = managed(3);

/** Managed fields as a manager leaves them that set so many variables. */
function managed(count: number): readonly Json[] {
  const fields = Array.from({ length: count }, (_, field) => [
    `k:{"name":"SETTING_${String(field)}"}`,
    { '.': {}, 'f:name': {}, 'f:value': {} },
  ]);
  const fieldsV1 = { 'f:spec': { 'f:template': Object.fromEntries(fields) as JsonObject } };
  const entry = { operation: 'Update', apiVersion: 'v1', time, fieldsType: 'FieldsV1', fieldsV1 };
  return [{ manager: 'kube-controller-manager', ...entry }];
}
