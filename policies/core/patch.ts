import { isObject, type Json, type JsonObject } from './json.ts';
import { extendPointer, pointer, pointerSegments, valueAt, type Pointer } from './pointer.ts';

/** One RFC 6902 operation; `test`, `move` and `copy` are never produced. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: Pointer; readonly value: Json }
  | { readonly op: 'remove'; readonly path: Pointer };

/** What a fix wants of a document: a value at a place, or the place gone. Independent of what is there now. */
export type Change =
  { readonly at: Pointer; readonly value: Json } | { readonly at: Pointer; readonly remove: true };

/**
 * The shortest RFC 6902 patch that brings the changes into a document: single fields, missing parent objects
 * created once, nothing for what already holds. Later changes see the parents that earlier ones created.
 * A change whose parent is no object or list is dropped, because no valid operation exists for it.
 */
export function operationsFor(
  document: JsonObject,
  changes: readonly Change[],
): readonly PatchOperation[] {
  const operations: PatchOperation[] = [];
  const created = new Set<Pointer>();
  for (const change of changes) {
    if ('remove' in change) {
      if (valueAt(document, change.at) !== undefined) {
        operations.push({ op: 'remove', path: change.at });
      }
      continue;
    }
    const parents = missingParents(document, change.at, created);
    if (parents === undefined) {
      continue;
    }
    for (const parent of parents) {
      created.add(parent);
      operations.push({ op: 'add', path: parent, value: {} });
    }
    const present = valueAt(document, change.at);
    if (present === undefined) {
      operations.push({ op: 'add', path: change.at, value: change.value });
    } else if (!equalJson(present, change.value)) {
      operations.push({ op: 'replace', path: change.at, value: change.value });
    }
  }
  return operations;
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

function missingParents(
  document: JsonObject,
  at: Pointer,
  created: ReadonlySet<Pointer>,
): readonly Pointer[] | undefined {
  const missing: Pointer[] = [];
  let parent = pointer();
  for (const segment of pointerSegments(at).slice(0, -1)) {
    parent = extendPointer(parent, segment);
    if (created.has(parent)) {
      continue;
    }
    const value = valueAt(document, parent);
    if (value === undefined || value === null) {
      missing.push(parent);
    } else if (typeof value !== 'object') {
      return undefined;
    }
  }
  return missing;
}
