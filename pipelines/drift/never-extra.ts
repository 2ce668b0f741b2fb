import { listIn, stringIn, valueIn, type JsonObject } from '../../policies/core/json.ts';
import type { ObjectReference } from '../../policies/core/resource.ts';

/** What the cluster and istiod keep in every namespace, by kind and name. */
const ownObjects: ReadonlySet<string> = new Set([
  'ServiceAccount default',
  'Service kubernetes',
  'Endpoints kubernetes',
  'ConfigMap kube-root-ca.crt',
  'ConfigMap istio-ca-root-cert',
  'ConfigMap istio-ca-crl',
]);

const runtimeKinds: ReadonlySet<string> = new Set(['Lease', 'Event', 'EndpointSlice']);

/**
 * Whether an object may live that Git does not declare: what another object owns, what is on its way out, and what the
 * cluster, Helm or istiod keep for themselves.
 */
export function isNeverExtra(reference: ObjectReference, live: JsonObject): boolean {
  return (
    listIn(live, 'metadata', 'ownerReferences').length > 0 ||
    stringIn(live, 'metadata', 'deletionTimestamp') !== undefined ||
    ownObjects.has(`${reference.kind} ${reference.name}`) ||
    runtimeKinds.has(reference.kind) ||
    stringIn(live, 'type') === 'helm.sh/release.v1' ||
    isRegisteredByItself(reference, live)
  );
}

/** A machine that registered itself: istiod makes and removes its entry. */
function isRegisteredByItself({ kind }: ObjectReference, live: JsonObject): boolean {
  return (
    kind === 'WorkloadEntry' &&
    valueIn(live, 'metadata', 'annotations', 'istio.io/autoRegistrationGroup') !== undefined
  );
}
