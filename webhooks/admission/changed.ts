import { isObject, valueIn, type JsonObject } from '../../policies/core/json.ts';

/** What an UPDATE changes, from the policies' point of view. */
export type Changed = 'nothing' | 'scale' | 'metadata' | 'content';

/**
 * Compares two states of an object: `nothing` that a policy reads, only `spec.replicas`, only the object's labels and
 * annotations, or its content. Status and the rest of the metadata do not count.
 */
export function whatChanged(object: JsonObject, oldObject: JsonObject): Changed {
  let scaled = false;
  for (const key of new Set([...Object.keys(object), ...Object.keys(oldObject)])) {
    if (key === 'metadata' || key === 'status' || sameJson(object[key], oldObject[key])) {
      continue;
    }
    if (key !== 'spec' || !equalWithoutReplicas(object[key], oldObject[key])) {
      return 'content';
    }
    scaled = true;
  }
  if (scaled) {
    return 'scale';
  }
  return sameMetadata(object, oldObject, 'labels') && sameMetadata(object, oldObject, 'annotations')
    ? 'nothing'
    : 'metadata';
}

function sameMetadata(object: JsonObject, oldObject: JsonObject, key: string): boolean {
  return sameJson(valueIn(object, 'metadata', key), valueIn(oldObject, 'metadata', key));
}

function equalWithoutReplicas(spec: unknown, oldSpec: unknown): boolean {
  if (!isObject(spec) || !isObject(oldSpec)) {
    return false;
  }
  return sameJson({ ...spec, replicas: null }, { ...oldSpec, replicas: null });
}

/** Deep equality without recursion, since an object may be nested more deeply than the stack is. */
function sameJson(left: unknown, right: unknown): boolean {
  const pairs: [unknown, unknown][] = [[left, right]];
  for (let pair = pairs.pop(); pair !== undefined; pair = pairs.pop()) {
    const [one, other] = pair;
    if (one === other) {
      continue;
    }
    if (!isContainer(one) || !isContainer(other) || Array.isArray(one) !== Array.isArray(other)) {
      return false;
    }
    const keys = Object.keys(one);
    if (keys.length !== Object.keys(other).length) {
      return false;
    }
    for (const key of keys) {
      if (!Object.hasOwn(other, key)) {
        return false;
      }
      pairs.push([one[key], other[key]]);
    }
  }
  return true;
}

function isContainer(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
