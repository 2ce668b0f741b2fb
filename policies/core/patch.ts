import { isObject, member, type Json, type JsonObject } from './json.ts';
import {
  extendPointer,
  placesMeet,
  pointer,
  pointerSegments,
  valueAt,
  type Pointer,
} from './pointer.ts';

/** One RFC 6902 operation; `test`, `move` and `copy` are never produced. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: Pointer; readonly value: Json }
  | { readonly op: 'remove'; readonly path: Pointer };

/** What a fix wants of a document: a value at a place, or the place gone. Independent of what is there now. */
export type Change =
  { readonly at: Pointer; readonly value: Json } | { readonly at: Pointer; readonly remove: true };

/**
 * The shortest RFC 6902 patch that brings the changes into a document: single fields, missing parent objects
 * created once, nothing for what already holds. Every change sees the document as the earlier ones leave it.
 * A change is dropped where no valid operation exists for it: its parent is a scalar, or it leaves a gap in a list.
 * `-` is no place, since appending twice is not the same as appending once.
 */
export function operationsFor(
  document: JsonObject,
  changes: readonly Change[],
): readonly PatchOperation[] {
  const operations: PatchOperation[] = [];
  let current: Json = document;
  let seen = 0;
  for (const change of changes) {
    // Most changes lie apart, and see the document as it is.
    if (operations.slice(seen).some(({ path }) => concerns(path, change.at))) {
      current = operations.slice(seen).reduce(applied, current);
      seen = operations.length;
    }
    operations.push(
      ...('remove' in change ? removal(current, change.at) : addition(current, change)),
    );
  }
  return operations;
}

/** Whether an operation may have changed what is seen at a place: it lies on the way, below, or beside in a list. */
function concerns(path: Pointer, at: Pointer): boolean {
  const isInList = /\/\d+$/u.test(path);
  return placesMeet(isInList ? (path.slice(0, path.lastIndexOf('/')) as Pointer) : path, at);
}

/** Deep equality of JSON values; the order of object members does not count. */
export function equalJson(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) {
    return true;
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    return (
      left.length === right.length &&
      left.every((item, index) => equalJson(item as Json, right[index] as Json))
    );
  }
  if (!isObject(left) || !isObject(right)) {
    return false;
  }
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && equalJson(left[key], right[key]))
  );
}

function removal(document: Json, at: Pointer): readonly PatchOperation[] {
  return valueAt(document, at) === undefined ? [] : [{ op: 'remove', path: at }];
}

function addition(
  document: Json,
  { at, value }: { readonly at: Pointer; readonly value: Json },
): readonly PatchOperation[] {
  const operations: PatchOperation[] = [];
  const segments = pointerSegments(at);
  let path = pointer();
  let parent: Json | undefined = document;
  for (const [index, segment] of segments.entries()) {
    if (!mayHold(parent, segment)) {
      return [];
    }
    path = extendPointer(path, segment);
    parent = childOf(parent, segment);
    if (index < segments.length - 1 && (parent === undefined || parent === null)) {
      operations.push({ op: parent === null ? 'replace' : 'add', path, value: {} });
      parent = {};
    }
  }
  if (parent === undefined) {
    operations.push({ op: 'add', path, value });
  } else if (!equalJson(parent, value)) {
    operations.push({ op: 'replace', path, value });
  }
  return operations;
}

function childOf(parent: Json | undefined, segment: string): Json | undefined {
  return Array.isArray(parent)
    ? (parent as readonly Json[])[Number(segment)]
    : member(parent, segment);
}

/** True where a value has, or can be given, a member or entry of this name. */
function mayHold(parent: Json | undefined, segment: string): boolean {
  if (Array.isArray(parent)) {
    return /^(?:0|[1-9]\d*)$/u.test(segment) && Number(segment) <= parent.length;
  }
  return isObject(parent);
}

/** The document after an operation that is valid for it; shares with the original what did not change. */
function applied(document: Json, operation: PatchOperation): Json {
  return withOperation(document, pointerSegments(operation.path), operation);
}

function withOperation(node: Json, segments: readonly string[], operation: PatchOperation): Json {
  const [segment, ...rest] = segments;
  if (segment === undefined) {
    return operation.op === 'remove' ? null : operation.value;
  }
  if (Array.isArray(node)) {
    const list = node as readonly Json[];
    const index = Number(segment);
    if (rest.length > 0) {
      return list.with(index, withOperation(list[index] ?? null, rest, operation));
    }
    const inserted = operation.op === 'remove' ? [] : [operation.value];
    return list.toSpliced(index, operation.op === 'add' ? 0 : 1, ...inserted);
  }
  const { [segment]: member = null, ...others } = node as JsonObject;
  if (rest.length > 0) {
    return { ...others, [segment]: withOperation(member, rest, operation) };
  }
  return operation.op === 'remove' ? others : { ...others, [segment]: operation.value };
}
