import { kindInfo, kindNameOf } from '../../policies/core/kinds.ts';
import { objectIn, stringIn, type JsonObject } from '../../policies/core/json.ts';

/** Kinds of Kubernetes and of usual controllers that have no namespace; policies know the scope of theirs. */
const clusterScoped: ReadonlySet<string> = new Set([
  'APIService',
  'CertificateSigningRequest',
  'ClusterIssuer',
  'ClusterPolicy',
  'ClusterRole',
  'ClusterRoleBinding',
  'ClusterSecretStore',
  'CSIDriver',
  'CSINode',
  'CustomResourceDefinition',
  'FlowSchema',
  'IngressClass',
  'Namespace',
  'Node',
  'PersistentVolume',
  'PriorityClass',
  'PriorityLevelConfiguration',
  'RuntimeClass',
  'StorageClass',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'VolumeAttachment',
]);

/** The object as it is applied to a namespace: its own wins, and objects of the whole cluster have none. */
export function withNamespace(object: JsonObject, namespace: string | undefined): JsonObject {
  if (namespace === undefined || (stringIn(object, 'metadata', 'namespace') ?? '') !== '') {
    return object;
  }
  return isNamespaced(stringIn(object, 'apiVersion') ?? '', stringIn(object, 'kind') ?? '')
    ? { ...object, metadata: { ...objectIn(object, 'metadata'), namespace } }
    : object;
}

/** Whether objects of a kind live in a namespace; taken so of kinds that nobody here knows. */
export function isNamespaced(apiVersion: string, kind: string): boolean {
  const known = kindNameOf(apiVersion, kind);
  return known === undefined ? !clusterScoped.has(kind) : kindInfo(known).namespaced;
}
