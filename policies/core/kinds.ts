/** What the catalogue knows of a kind: where the API server serves it and how it is scoped. */
export interface KindInfo {
  readonly group: string;
  readonly kind: string;
  /** Served versions, the preferred one first; objects of any of them are one kind to the policies. */
  readonly versions: readonly [string, ...string[]];
  readonly plural: string;
  readonly namespaced: boolean;
}

function core(kind: string, plural: string, namespaced = true): KindInfo {
  return { group: '', kind, versions: ['v1'], plural, namespaced };
}

function networking(
  kind: string,
  plural: string,
  versions: KindInfo['versions'] = ['v1', 'v1beta1', 'v1alpha3'],
): KindInfo {
  return { group: 'networking.istio.io', kind, versions, plural, namespaced: true };
}

function security(kind: string, plural: string): KindInfo {
  return {
    group: 'security.istio.io',
    kind,
    versions: ['v1', 'v1beta1'],
    plural,
    namespaced: true,
  };
}

function gatewayApi(
  kind: string,
  plural: string,
  versions: KindInfo['versions'],
  namespaced = true,
): KindInfo {
  return { group: 'gateway.networking.k8s.io', kind, versions, plural, namespaced };
}

/**
 * Every kind that policies judge or consult. The key is our name for it; it differs from the kind only where two
 * groups share one. Source of the versions: Istio `manifests/charts/base/files/crd-all.gen.yaml`, Gateway API.
 */
export const kinds = {
  Namespace: core('Namespace', 'namespaces', false),
  Pod: core('Pod', 'pods'),
  Service: core('Service', 'services'),
  ConfigMap: core('ConfigMap', 'configmaps'),
  Deployment: {
    group: 'apps',
    kind: 'Deployment',
    versions: ['v1'],
    plural: 'deployments',
    namespaced: true,
  },
  StatefulSet: {
    group: 'apps',
    kind: 'StatefulSet',
    versions: ['v1'],
    plural: 'statefulsets',
    namespaced: true,
  },
  DaemonSet: {
    group: 'apps',
    kind: 'DaemonSet',
    versions: ['v1'],
    plural: 'daemonsets',
    namespaced: true,
  },
  ReplicaSet: {
    group: 'apps',
    kind: 'ReplicaSet',
    versions: ['v1'],
    plural: 'replicasets',
    namespaced: true,
  },
  Job: { group: 'batch', kind: 'Job', versions: ['v1'], plural: 'jobs', namespaced: true },
  CronJob: {
    group: 'batch',
    kind: 'CronJob',
    versions: ['v1'],
    plural: 'cronjobs',
    namespaced: true,
  },
  Rollout: {
    group: 'argoproj.io',
    kind: 'Rollout',
    versions: ['v1alpha1'],
    plural: 'rollouts',
    namespaced: true,
  },
  MutatingWebhookConfiguration: {
    group: 'admissionregistration.k8s.io',
    kind: 'MutatingWebhookConfiguration',
    versions: ['v1'],
    plural: 'mutatingwebhookconfigurations',
    namespaced: false,
  },
  ValidatingWebhookConfiguration: {
    group: 'admissionregistration.k8s.io',
    kind: 'ValidatingWebhookConfiguration',
    versions: ['v1'],
    plural: 'validatingwebhookconfigurations',
    namespaced: false,
  },
  DestinationRule: networking('DestinationRule', 'destinationrules'),
  EnvoyFilter: networking('EnvoyFilter', 'envoyfilters', ['v1alpha3']),
  Gateway: networking('Gateway', 'gateways'),
  ProxyConfig: networking('ProxyConfig', 'proxyconfigs', ['v1beta1']),
  ServiceEntry: networking('ServiceEntry', 'serviceentries'),
  Sidecar: networking('Sidecar', 'sidecars'),
  VirtualService: networking('VirtualService', 'virtualservices'),
  WorkloadEntry: networking('WorkloadEntry', 'workloadentries'),
  WorkloadGroup: networking('WorkloadGroup', 'workloadgroups'),
  AuthorizationPolicy: security('AuthorizationPolicy', 'authorizationpolicies'),
  PeerAuthentication: security('PeerAuthentication', 'peerauthentications'),
  RequestAuthentication: security('RequestAuthentication', 'requestauthentications'),
  Telemetry: {
    group: 'telemetry.istio.io',
    kind: 'Telemetry',
    versions: ['v1', 'v1alpha1'],
    plural: 'telemetries',
    namespaced: true,
  },
  WasmPlugin: {
    group: 'extensions.istio.io',
    kind: 'WasmPlugin',
    versions: ['v1alpha1'],
    plural: 'wasmplugins',
    namespaced: true,
  },
  KubernetesGateway: gatewayApi('Gateway', 'gateways', ['v1', 'v1beta1']),
  GatewayClass: gatewayApi('GatewayClass', 'gatewayclasses', ['v1', 'v1beta1'], false),
  HTTPRoute: gatewayApi('HTTPRoute', 'httproutes', ['v1', 'v1beta1']),
  GRPCRoute: gatewayApi('GRPCRoute', 'grpcroutes', ['v1']),
  TLSRoute: gatewayApi('TLSRoute', 'tlsroutes', ['v1', 'v1alpha3', 'v1alpha2']),
  TCPRoute: gatewayApi('TCPRoute', 'tcproutes', ['v1alpha2']),
  ReferenceGrant: gatewayApi('ReferenceGrant', 'referencegrants', ['v1', 'v1beta1']),
} as const satisfies Readonly<Record<string, KindInfo>>;

/** Our name of a known kind. */
export type KindName = keyof typeof kinds;

/** The kinds that make Pods, and the Pod itself. */
export const workloadKinds = [
  'Pod',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'Job',
  'CronJob',
  'Rollout',
] as const satisfies readonly KindName[];

const namesByGroupKind: ReadonlyMap<string, KindName> = new Map(
  (Object.entries(kinds) as [KindName, KindInfo][]).map(([name, info]) => [
    `${info.group}/${info.kind}`,
    name,
  ]),
);

/** Our name for an object's kind, whatever version of its group it was written in; undefined for kinds we do not know. */
export function kindNameOf(apiVersion: string, kind: string): KindName | undefined {
  const slash = apiVersion.indexOf('/');
  return namesByGroupKind.get(`${slash < 0 ? '' : apiVersion.slice(0, slash)}/${kind}`);
}

/** The description of a known kind. */
export function kindInfo(name: KindName): KindInfo {
  return kinds[name];
}
