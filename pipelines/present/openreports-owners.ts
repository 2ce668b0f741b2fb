import { listIn, member, stringIn, type JsonObject } from '../../policies/core/json.ts';
import type { ObjectReference } from '../../policies/core/resource.ts';
import type { ReportResult } from './openreports.ts';

/** A result and what made its object: the topmost controller, where there is one. */
export interface OwnedResult extends ReportResult {
  readonly owner?: ObjectReference & { readonly uid?: string };
}

/**
 * Results on what made their objects: what a policy says of each of 300 Pods is said once of their Deployment, with
 * their number.
 */
export function collapseOwners(results: readonly OwnedResult[]): readonly ReportResult[] {
  const collapsed = new Map<string, { readonly first: OwnedResult; count: number }>();
  for (const each of results) {
    const { owner, policy, rule, properties } = each;
    const about = owner ?? each.object;
    const key = JSON.stringify([
      [about.apiVersion, about.kind, about.namespace, about.name],
      owner === undefined ? each.message : '',
      [policy, rule, properties?.['at'] ?? ''],
    ]);
    const known = collapsed.get(key);
    if (known === undefined) {
      collapsed.set(key, { first: each, count: 1 });
    } else {
      known.count += 1;
    }
  }
  return [...collapsed.values()].map(({ first: { owner, ...result }, count }) =>
    owner === undefined
      ? result
      : {
          ...result,
          object: owner,
          properties: { ...result.properties, through: result.object.kind, objects: String(count) },
        },
  );
}

/**
 * The controller of an object; of a ReplicaSet's Pod the Deployment, whose name the Pod's template hash tells.
 * `read` finds the controllers of controllers; without it the first one counts.
 */
export function ownerOf(
  object: JsonObject,
  read: (owner: ObjectReference) => JsonObject | undefined = () => undefined,
): OwnedResult['owner'] {
  let owner = controllerOf(object);
  for (let depth = 0; owner !== undefined && depth < deepestChain; depth += 1) {
    const known = read(owner);
    const above = known === undefined ? deploymentOf(owner, object) : controllerOf(known);
    if (above === undefined) {
      break;
    }
    owner = above;
  }
  return owner;
}

const deepestChain = 5;

function controllerOf(object: JsonObject): OwnedResult['owner'] {
  const found = listIn(object, 'metadata', 'ownerReferences').find(
    (reference) => member(reference, 'controller') === true,
  );
  if (found === undefined) {
    return undefined;
  }
  const uid = stringIn(found, 'uid');
  return {
    apiVersion: stringIn(found, 'apiVersion') ?? '',
    kind: stringIn(found, 'kind') ?? '',
    namespace: stringIn(object, 'metadata', 'namespace') ?? '',
    name: stringIn(found, 'name') ?? '',
    ...(uid === undefined ? {} : { uid }),
  };
}

function deploymentOf(owner: ObjectReference, pod: JsonObject): OwnedResult['owner'] {
  const hash = stringIn(pod, 'metadata', 'labels', 'pod-template-hash');
  const suffix = `-${hash ?? ''}`;
  return owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(suffix)
    ? {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        namespace: owner.namespace,
        name: owner.name.slice(0, -suffix.length),
      }
    : undefined;
}
