import {
  objectIn,
  stringIn,
  valueIn,
  type Json,
  type JsonObject,
} from '../../../policies/core/json.ts';
import { below, each, fallback, kept, keyed, quantity, type ShapeTable } from './shape.ts';
import { volume } from './volume.ts';

/** Source of all defaults of this file: Kubernetes `pkg/apis/core/v1/defaults.go`. */
const handler: ShapeTable = {
  'httpGet.path': fallback('/'),
  'httpGet.scheme': fallback('HTTP'),
};

const probe: ShapeTable = {
  ...handler,
  'grpc.service': fallback(''),
  timeoutSeconds: fallback(1),
  periodSeconds: fallback(10),
  successThreshold: fallback(1),
  failureThreshold: fallback(3),
  terminationGracePeriodSeconds: kept,
};

const probes: ShapeTable = {
  ...below('livenessProbe', probe),
  ...below('readinessProbe', probe),
  ...below('startupProbe', probe),
  ...below('lifecycle.preStop', handler),
  ...below('lifecycle.postStart', handler),
};

const securityContext: ShapeTable = each(
  'privileged runAsUser runAsGroup runAsNonRoot readOnlyRootFilesystem allowPrivilegeEscalation fsGroup capabilities',
  kept,
);

const resources: ShapeTable = {
  resources: fallback({}),
  'resources.limits.*': quantity,
  'resources.requests.*': quantity,
};

const container: ShapeTable = {
  imagePullPolicy: fallback((parent) => pullPolicy(stringIn(parent, 'image') ?? '')),
  terminationMessagePath: fallback('/dev/termination-log'),
  terminationMessagePolicy: fallback('File'),
  ...resources,
  ports: keyed('containerPort', 'protocol'),
  'ports[].protocol': fallback('TCP'),
  env: keyed('name'),
  'env[].valueFrom.fieldRef.apiVersion': fallback('v1'),
  'env[].valueFrom.resourceFieldRef.divisor': { ...fallback('0'), ...quantity },
  'env[].valueFrom.configMapKeyRef.optional': kept,
  'env[].valueFrom.secretKeyRef.optional': kept,
  volumeMounts: keyed('mountPath'),
  volumeDevices: keyed('devicePath'),
  securityContext: kept,
  ...below('securityContext', securityContext),
  ...probes,
};

/** What the server makes of a pod template's spec, or of a Pod's. */
export const podSpec: ShapeTable = {
  restartPolicy: fallback('Always'),
  dnsPolicy: fallback('ClusterFirst'),
  schedulerName: fallback('default-scheduler'),
  terminationGracePeriodSeconds: { ...fallback(30), ...kept },
  securityContext: { ...fallback({}), ...kept },
  ...below('securityContext', securityContext),
  serviceAccount: fallback((parent) => stringIn(parent, 'serviceAccountName')),
  serviceAccountName: fallback((parent) => stringIn(parent, 'serviceAccount')),
  ...each(
    'automountServiceAccountToken shareProcessNamespace enableServiceLinks hostUsers setHostnameAsFQDN activeDeadlineSeconds priority',
    kept,
  ),
  containers: keyed('name'),
  ...below('containers[]', container),
  initContainers: keyed('name'),
  ...below('initContainers[]', container),
  ephemeralContainers: keyed('name'),
  ...below('ephemeralContainers[]', container),
  volumes: keyed('name'),
  ...below('volumes[]', volume),
  imagePullSecrets: keyed('name'),
  hostAliases: keyed('ip'),
  topologySpreadConstraints: keyed('topologyKey', 'whenUnsatisfiable'),
  ...below('topologySpreadConstraints[]', each('labelSelector minDomains', kept)),
  ...below('affinity', affinityTerms()),
  schedulingGates: keyed('name'),
  resourceClaims: keyed('name'),
  'overhead.*': quantity,
  ...resourcesOfPod(),
};

/** A bare Pod: what the server fills in for templates only once it makes Pods of them. */
export const pod: ShapeTable = {
  ...below('spec', { enableServiceLinks: { ...fallback(true), ...kept }, ...podSpec }),
  'spec.containers[].resources.requests': fallback(requestsFromLimits),
  'spec.initContainers[].resources.requests': fallback(requestsFromLimits),
  'spec.containers[].ports[].hostPort': fallback(hostPort),
  'spec.nodeName': { assigned: true },
};

/** Limits without requests are requested as well; seen from `resources`. */
function requestsFromLimits(parent: JsonObject): Json | undefined {
  const limits = objectIn(parent, 'limits');
  return Object.keys(limits).length === 0 ? undefined : limits;
}

function hostPort(parent: JsonObject, root: JsonObject): Json | undefined {
  return valueIn(root, 'spec', 'hostNetwork') === true ? parent['containerPort'] : undefined;
}

function resourcesOfPod(): ShapeTable {
  return { 'resources.limits.*': quantity, 'resources.requests.*': quantity };
}

function affinityTerms(): ShapeTable {
  const terms = ['podAffinity', 'podAntiAffinity'];
  return Object.fromEntries(
    terms.flatMap((term) => [
      [`${term}.requiredDuringSchedulingIgnoredDuringExecution[].labelSelector`, kept],
      [`${term}.requiredDuringSchedulingIgnoredDuringExecution[].namespaceSelector`, kept],
    ]),
  );
}

/** `latest`, or neither tag nor digest, is pulled always. */
function pullPolicy(image: string): Json | undefined {
  if (image === '') {
    return undefined;
  }
  const name = image.slice(image.lastIndexOf('/') + 1);
  const [tagged = '', digest] = name.split('@');
  const tag = tagged.split(':')[1] ?? (digest === undefined ? 'latest' : '');
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}
