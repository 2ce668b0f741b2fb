import {
  isObject,
  listIn,
  member,
  objectIn,
  stringIn,
  type JsonObject,
} from '../../policies/core/json.ts';
import { kindInfo, kindNameOf, workloadKinds } from '../../policies/core/kinds.ts';
import { readResource, type Resource } from '../../policies/core/resource.ts';
import type { ServedKind } from './cluster-discovery.ts';

const workloads: ReadonlySet<string> = new Set(workloadKinds);

/**
 * An object of a list or watch as a resource without what no policy reads. Undefined for what the mesh does not hold:
 * ConfigMaps that are not Istio's, and what a workload's controller made, since the workload says the same once.
 */
export function readLiveObject(value: unknown, served: ServedKind): Resource | undefined {
  if (!isObject(value) || isMadeByWorkload(value)) {
    return undefined;
  }
  // The items of a list carry neither apiVersion nor kind.
  const resource = readResource({
    ...value,
    apiVersion: served.apiVersion,
    kind: kindInfo(served.type).kind,
    metadata: withoutManagedFields(objectIn(value, 'metadata')),
  });
  if (resource?.type === 'ConfigMap' && !resource.name.startsWith('istio')) {
    return undefined;
  }
  return resource;
}

function withoutManagedFields(metadata: JsonObject): JsonObject {
  const { managedFields: _, ...rest } = metadata;
  return rest;
}

/** Whether a workload's controller made it, which its metadata tells. */
export function isMadeByWorkload(value: unknown): boolean {
  return listIn(value, 'metadata', 'ownerReferences').some((owner) => {
    const type = kindNameOf(stringIn(owner, 'apiVersion') ?? '', stringIn(owner, 'kind') ?? '');
    return member(owner, 'controller') === true && type !== undefined && workloads.has(type);
  });
}
