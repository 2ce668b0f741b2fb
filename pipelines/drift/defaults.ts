import { isObject, member, type Json, type JsonObject } from '../../policies/core/json.ts';
import type { Shape } from './shape/shape.ts';

/**
 * A declared value as the server stores it: what is known to be filled in, wherever the parent is there or has a default
 * itself. Never touches what is stated. Null counts as absent.
 */
export function withDefaults(object: JsonObject, shape: Shape): JsonObject {
  return filledObject(object, shape, object);
}

function filled(value: Json, shape: Shape, root: JsonObject): Json {
  if (Array.isArray(value)) {
    const list: readonly Json[] = value;
    const { each } = shape;
    return each === undefined ? list : list.map((item) => filled(item, each, root));
  }
  return isObject(value) ? filledObject(value, shape, root) : value;
}

function filledObject(object: JsonObject, shape: Shape, root: JsonObject): JsonObject {
  if (shape.members.size === 0 && shape.each === undefined) {
    return object;
  }
  const result: Record<string, Json> = { ...object };
  for (const [key, child] of shape.members) {
    const present = member(result, key) ?? defaultOf(child, result, root);
    if (present !== undefined) {
      result[key] = filled(present, child, root);
    }
  }
  if (shape.each !== undefined) {
    for (const key of Object.keys(object)) {
      if (!shape.members.has(key) && key !== '__proto__') {
        result[key] = filled(object[key] ?? null, shape.each, root);
      }
    }
  }
  return result;
}

function defaultOf({ fallback }: Shape, parent: JsonObject, root: JsonObject): Json | undefined {
  return typeof fallback === 'function' ? fallback(parent, root) : fallback;
}
