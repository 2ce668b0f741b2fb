import {
  listIn,
  stringIn,
  valueIn,
  type Json,
  type JsonObject,
} from '../../../policies/core/json.ts';
import {
  assigned,
  below,
  each,
  fallback,
  kept,
  keyed,
  quantity,
  unordered,
  type ShapeTable,
} from './shape.ts';
import { claimSpec } from './volume.ts';

const rbacGroup = 'rbac.authorization.k8s.io';

const scalingPolicies: ShapeTable = { selectPolicy: fallback('Max') };

/** Source: Kubernetes `pkg/apis/autoscaling/v2/defaults.go`. */
export const horizontalPodAutoscaler: ShapeTable = below('spec', {
  minReplicas: { ...fallback(1), ...kept },
  metrics: fallback([
    {
      type: 'Resource',
      resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
    },
  ]),
  ...Object.fromEntries(
    ['resource', 'containerResource', 'pods', 'object', 'external'].flatMap((source) =>
      ['value', 'averageValue'].map((value) => [`metrics[].${source}.target.${value}`, quantity]),
    ),
  ),
  'behavior.scaleUp': fallback({}),
  ...below('behavior.scaleUp', scalingPolicies),
  'behavior.scaleUp.stabilizationWindowSeconds': { ...fallback(0), ...kept },
  'behavior.scaleUp.policies': fallback([
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ]),
  'behavior.scaleDown': fallback({}),
  ...below('behavior.scaleDown', scalingPolicies),
  'behavior.scaleDown.stabilizationWindowSeconds': kept,
  'behavior.scaleDown.policies': fallback([{ type: 'Percent', value: 100, periodSeconds: 15 }]),
});

/** Source: Kubernetes `pkg/apis/networking/v1/defaults.go`. */
export const networkPolicy: ShapeTable = below('spec', {
  podSelector: fallback({}),
  policyTypes: fallback((parent) =>
    listIn(parent, 'egress').length > 0 ? ['Ingress', 'Egress'] : ['Ingress'],
  ),
  'ingress[].ports[].protocol': fallback('TCP'),
  'egress[].ports[].protocol': fallback('TCP'),
  ...below('ingress[].from[]', each('podSelector namespaceSelector', kept)),
  ...below('egress[].to[]', each('podSelector namespaceSelector', kept)),
});

/** A selector of nothing and no selector are two things. */
export const podDisruptionBudget: ShapeTable = below(
  'spec',
  each('selector minAvailable maxUnavailable', kept),
);

/** Source: Kubernetes `pkg/apis/rbac/v1/defaults.go`. */
export const roleBinding: ShapeTable = {
  'roleRef.apiGroup': fallback(rbacGroup),
  'subjects[].apiGroup': fallback((parent) =>
    stringIn(parent, 'kind') === 'ServiceAccount' ? undefined : rbacGroup,
  ),
};

/** Source: Kubernetes `pkg/apis/admissionregistration/v1/defaults.go`. */
export const validatingWebhooks: ShapeTable = {
  webhooks: keyed('name'),
  ...below('webhooks[]', {
    failurePolicy: fallback('Fail'),
    matchPolicy: fallback('Equivalent'),
    namespaceSelector: { ...fallback({}), ...kept },
    objectSelector: { ...fallback({}), ...kept },
    timeoutSeconds: fallback(10),
    'rules[].scope': fallback('*'),
    'clientConfig.service.port': fallback(443),
    matchConditions: keyed('name'),
  }),
};

/** Source: Kubernetes `pkg/apis/admissionregistration/v1/defaults.go`. */
export const mutatingWebhooks: ShapeTable = {
  ...validatingWebhooks,
  'webhooks[].reinvocationPolicy': fallback('Never'),
};

/** A Secret's type; source: Kubernetes `pkg/apis/core/v1/defaults.go`. */
export const secret: ShapeTable = { type: fallback('Opaque'), immutable: kept };

/** ConfigMaps have no defaults. */
export const configMap: ShapeTable = { immutable: kept };

/** Accounts that controllers complete with tokens. */
export const serviceAccount: ShapeTable = {
  secrets: { ...keyed('name'), ...assigned },
  imagePullSecrets: keyed('name'),
  automountServiceAccountToken: kept,
};

/** The server names a namespace in a label and keeps it until its content is gone. */
export const namespace: ShapeTable = {
  'metadata.labels': fallback({}),
  'spec.finalizers': { ...unordered, ...assigned },
};

/** Source: Kubernetes `pkg/apis/core/v1/defaults.go`. */
export const persistentVolumeClaim: ShapeTable = below('spec', {
  ...claimSpec,
  storageClassName: assigned,
  volumeName: assigned,
});

/** Source: Kubernetes `pkg/apis/core/v1/defaults.go`. */
export const persistentVolume: ShapeTable = below('spec', {
  persistentVolumeReclaimPolicy: fallback('Retain'),
  volumeMode: fallback('Filesystem'),
  claimRef: assigned,
  'capacity.*': quantity,
});

/** Source: Kubernetes `pkg/apis/storage/v1/defaults.go`. */
export const storageClass: ShapeTable = {
  reclaimPolicy: fallback('Delete'),
  volumeBindingMode: fallback('Immediate'),
  allowVolumeExpansion: kept,
};

/** Source: Kubernetes `pkg/apis/scheduling/v1/defaults.go`. */
export const priorityClass: ShapeTable = { preemptionPolicy: fallback('PreemptLowerPriority') };

/** Quantities only. */
export const resourceQuota: ShapeTable = { 'spec.hard.*': quantity };

/** Source: apiextensions-apiserver `pkg/apis/apiextensions/v1/defaults.go`. */
export const customResourceDefinition: ShapeTable = below('spec', {
  conversion: fallback({ strategy: 'None' }),
  'names.singular': fallback((parent) => stringIn(parent, 'kind')?.toLowerCase()),
  'names.listKind': fallback((parent) => listKind(parent)),
});

function listKind(names: JsonObject): Json | undefined {
  const kind = valueIn(names, 'kind');
  return typeof kind === 'string' ? `${kind}List` : undefined;
}
