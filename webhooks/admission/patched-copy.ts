import { isObject, type Json, type JsonObject } from '../../policies/core/json.ts';
import type { PatchOperation } from '../../policies/core/patch.ts';
import { pointerSegments } from '../../policies/core/pointer.ts';

/**
 * The object with the operations applied, sharing all that they do not touch, so that a patch is tried at the cost of
 * its paths and not of the object. Undefined where an operation does not apply (RFC 6902).
 */
export function patchedCopy(
  object: JsonObject,
  operations: readonly PatchOperation[],
): JsonObject | undefined {
  let copy: Json | undefined = object;
  for (const operation of operations) {
    copy = applied(copy, pointerSegments(operation.path), operation);
    if (copy === undefined) {
      return undefined;
    }
  }
  return isObject(copy) ? copy : undefined;
}

function applied(
  value: Json,
  path: readonly string[],
  operation: PatchOperation,
): Json | undefined {
  const [segment, ...rest] = path;
  if (segment === undefined) {
    return operation.op === 'remove' ? undefined : operation.value;
  }
  if (Array.isArray(value)) {
    return appliedToList(value as readonly Json[], segment, rest, operation);
  }
  return isObject(value) ? appliedToObject(value, segment, rest, operation) : undefined;
}

function appliedToObject(
  value: JsonObject,
  segment: string,
  rest: readonly string[],
  operation: PatchOperation,
): JsonObject | undefined {
  const present = Object.hasOwn(value, segment);
  if (rest.length === 0 && operation.op === 'remove') {
    return present
      ? Object.fromEntries(Object.entries(value).filter(([key]) => key !== segment))
      : undefined;
  }
  if (!present && (rest.length > 0 || operation.op === 'replace')) {
    return undefined;
  }
  const changed = applied(value[segment] ?? null, rest, operation);
  return changed === undefined ? undefined : withMember(value, segment, changed);
}

function withMember(value: JsonObject, key: string, changed: Json): JsonObject {
  // A computed member named __proto__ is an own member in a literal, where assignment would set the prototype.
  return { ...value, [key]: changed };
}

function appliedToList(
  value: readonly Json[],
  segment: string,
  rest: readonly string[],
  operation: PatchOperation,
): readonly Json[] | undefined {
  const inserts = rest.length === 0 && operation.op === 'add';
  const index = indexIn(value, segment);
  if (index === undefined || (index === value.length && !inserts)) {
    return undefined;
  }
  if (inserts) {
    return value.toSpliced(index, 0, operation.value);
  }
  if (rest.length === 0 && operation.op === 'remove') {
    return value.toSpliced(index, 1);
  }
  const changed = applied(value[index] ?? null, rest, operation);
  return changed === undefined ? undefined : value.with(index, changed);
}

/** The index that a pointer's segment means, up to the one past the end. */
function indexIn(list: readonly Json[], segment: string): number | undefined {
  if (segment === '-') {
    return list.length;
  }
  const index = /^(?:0|[1-9]\d{0,8})$/u.test(segment) ? Number(segment) : Number.NaN;
  return index <= list.length ? index : undefined;
}
