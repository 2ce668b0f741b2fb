import { isObject, member, type Json, type JsonObject } from '../../policies/core/json.ts';
import { equalJson } from '../../policies/core/patch.ts';
import { extendPointer, pointer, type Pointer } from '../../policies/core/pointer.ts';
import { isReordered, pairList } from './pair-elements.ts';

/**
 * One field that differs. `at` leads into the new object, or into the old one where `after` is absent (list elements
 * may have moved). Neither is ever null: the API server drops nulls, so null and absent are the same.
 */
export interface FieldChange {
  readonly at: Pointer;
  readonly before?: Json;
  readonly after?: Json;
}

/**
 * The fields in which two states of an object differ, as an author thinks of them: a whole subtree that came or went
 * is one change, list elements are matched by what names them, and order counts only where it means something.
 */
export function diffFields(
  kind: string,
  before: JsonObject,
  after: JsonObject,
): readonly FieldChange[] {
  const changes: FieldChange[] = [];
  diffObjects({ kind, changes }, before, after, { old: pointer(), at: pointer() });
  return changes;
}

interface Walk {
  readonly kind: string;
  readonly changes: FieldChange[];
}

/** The same field in both states. */
interface Place {
  readonly old: Pointer;
  readonly at: Pointer;
}

function diffValues(
  walk: Walk,
  field: string,
  before: Json | undefined,
  after: Json | undefined,
  place: Place,
): void {
  if (isObject(before) && isObject(after)) {
    diffObjects(walk, before, after, place);
  } else if (Array.isArray(before) && Array.isArray(after)) {
    diffLists(walk, field, { before, after }, place);
  } else if (!Object.is(before, after)) {
    report(walk, before, after, place);
  }
}

function diffObjects(walk: Walk, before: JsonObject, after: JsonObject, place: Place): void {
  if (before === after) {
    return;
  }
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    diffValues(walk, key, member(before, key), member(after, key), below(place, key, key));
  }
}

function diffLists(
  walk: Walk,
  field: string,
  { before, after }: { readonly before: readonly Json[]; readonly after: readonly Json[] },
  place: Place,
): void {
  const paired = pairList(walk.kind, field, before, after);
  if (paired === undefined) {
    if (!equalJson(before, after)) {
      report(walk, before, after, place);
    }
    return;
  }
  if (paired.ordered && isReordered(paired.pairing)) {
    report(walk, before, after, place);
    return;
  }
  for (const [index, value] of before.entries()) {
    const other = paired.pairing.get(index);
    if (other === undefined) {
      report(walk, value, undefined, below(place, index, index));
    } else {
      diffValues(walk, field, value, after[other], below(place, index, other));
    }
  }
  const kept = new Set(paired.pairing.values());
  for (const [index, value] of after.entries()) {
    if (!kept.has(index)) {
      report(walk, undefined, value, below(place, index, index));
    }
  }
}

function below(place: Place, old: string | number, at: string | number): Place {
  return { old: extendPointer(place.old, old), at: extendPointer(place.at, at) };
}

function report(walk: Walk, before: Json | undefined, after: Json | undefined, place: Place): void {
  const had = before !== undefined && before !== null;
  const has = after !== undefined && after !== null;
  if (had || has) {
    walk.changes.push({
      at: has ? place.at : place.old,
      ...(had ? { before } : {}),
      ...(has ? { after } : {}),
    });
  }
}
