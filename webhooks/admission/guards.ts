import { member, objectIn, stringIn, valueIn, type JsonObject } from '../../policies/core/json.ts';
import { kindInfo, kindNameOf, type KindName } from '../../policies/core/kinds.ts';
import type { GateContext } from './gate.ts';
import type { AdmissionRequest } from './request.ts';

/** Namespaces that must work whatever happens to meshgate; no webhook of ours ever judges objects in them. */
export const systemNamespaces = ['kube-system', 'kube-public', 'kube-node-lease'] as const;

/** Namespace of Istio's control plane and of mesh-wide configuration, where the facts name no other. */
export const defaultRootNamespace = 'istio-system';

const system: ReadonlySet<string> = new Set(systemNamespaces);
const configurationGroups: ReadonlySet<string> = new Set([
  'networking.istio.io',
  'security.istio.io',
  'telemetry.istio.io',
  'extensions.istio.io',
  'gateway.networking.k8s.io',
]);

/** Whether objects of this kind configure the mesh; those are judged in the root namespace too. */
export function configuresMesh(type: KindName): boolean {
  return configurationGroups.has(kindInfo(type).group) || type === 'ConfigMap';
}

/**
 * Why a request must pass unjudged, or undefined where the policies may speak. The same guards as in the registered
 * configurations, repeated because those can be edited.
 */
export function reasonToLeave(request: AdmissionRequest, context: GateContext): string | undefined {
  if (request.operation === 'DELETE' || request.operation === 'CONNECT') {
    return 'operation';
  }
  if (request.subResource !== '') {
    return 'subresource';
  }
  const type = kindNameOf(`${request.kind.group}/${request.kind.version}`, request.kind.kind);
  return (
    reasonToLeavePlace(type, request.namespace, context) ?? reasonToLeaveObject(request.object)
  );
}

/** Why objects of a kind in a namespace must pass unjudged, or undefined where the policies may speak. */
export function reasonToLeavePlace(
  type: KindName | undefined,
  namespace: string,
  { plan, mesh, ownNamespace }: GateContext,
): string | undefined {
  if (system.has(namespace) || namespace === ownNamespace) {
    return 'system-namespace';
  }
  if (type === undefined || !plan.subjects.has(type)) {
    return 'kind';
  }
  const root = mesh.facts.rootNamespace ?? defaultRootNamespace;
  return namespace === root && !configuresMesh(type) ? 'root-namespace' : undefined;
}

/** Why an object must pass unjudged because of what it is, or undefined where the policies may speak. */
export function reasonToLeaveObject(object: JsonObject | undefined): string | undefined {
  const deletion = valueIn(object, 'metadata', 'deletionTimestamp');
  if (deletion !== undefined && deletion !== null) {
    return 'being-deleted';
  }
  const annotations = objectIn(object, 'metadata', 'annotations');
  return member(annotations, 'kubernetes.io/config.mirror') === undefined
    ? undefined
    : 'mirror-pod';
}

const makers: ReadonlySet<string> = new Set([
  'apps/ReplicaSet',
  'apps/Deployment',
  'apps/StatefulSet',
  'apps/DaemonSet',
  'batch/Job',
  'batch/CronJob',
  'argoproj.io/Rollout',
]);

/**
 * Whether a controller made this object from an object that was itself judged. Denying it would tell nobody, and
 * would keep running workloads from being rescheduled.
 */
export function isMadeByController({ object, userName }: AdmissionRequest): boolean {
  if (!userName.startsWith('system:')) {
    return false;
  }
  const owners = valueIn(object, 'metadata', 'ownerReferences');
  for (const owner of Array.isArray(owners) ? (owners as readonly unknown[]) : []) {
    const group = stringIn(owner, 'apiVersion')?.split('/')[0] ?? '';
    if (
      member(owner, 'controller') === true &&
      makers.has(`${group}/${stringIn(owner, 'kind') ?? ''}`)
    ) {
      return true;
    }
  }
  return false;
}
