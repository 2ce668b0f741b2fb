import { isObject, type Json, type JsonObject } from '../../policies/core/json.ts';
import { equalJson, type PatchOperation } from '../../policies/core/patch.ts';
import { extendPointer, pointer, pointerSegments, valueAt } from '../../policies/core/pointer.ts';
import type { Pointer } from '../../policies/core/pointer.ts';
import { hiddenValue } from '../compare/mask.ts';
import { translatePointer } from '../compare/translate-pointer.ts';
import { isOtherwiseNamed } from './autoscaler-versions.ts';
import type { FieldDrift, ObjectDrift } from './report.ts';

/** A test that an operation of RFC 6902 can make before it changes something. */
export interface PatchTest {
  readonly op: 'test';
  readonly path: Pointer;
  readonly value: Json;
}

/** What brings one object back to what Git declares, and no more than that. */
export type Restoration =
  /** A part of the object, for server-side apply. */
  | { readonly kind: 'apply'; readonly object: JsonObject }
  /** RFC 6902 on the live object; it fails where somebody has changed it meanwhile. */
  | { readonly kind: 'patch'; readonly operations: readonly (PatchOperation | PatchTest)[] }
  | { readonly kind: 'delete' }
  | { readonly problem: string };

/**
 * The smallest change of the live object that restores the fields that differ. Maps are restored by a partial object;
 * what lies in a list, or is to go, by a patch, since a partial object would replace the whole list and removes nothing.
 */
export function restorationOf(drift: ObjectDrift): Restoration {
  const { verdict, declared, live, fields, reference } = drift;
  if (verdict === 'unknown') {
    return { problem: 'it could not be told how it differs' };
  }
  if (reference.kind === 'Secret' || fields.some(isHidden)) {
    return { problem: 'it holds values that are not shown: apply its file again' };
  }
  if (verdict === 'extra') {
    return { kind: 'delete' };
  }
  if (declared === undefined) {
    return { problem: 'Git does not declare it' };
  }
  if (verdict === 'missing') {
    return { kind: 'apply', object: declared };
  }
  const wanted = fields.map((field) => ({ field, value: declaredValue(field, declared) }));
  if (live !== undefined && isOtherwiseNamed(declared, live)) {
    return {
      problem: 'Git declares it in another version than it was read in: apply its file again',
    };
  }
  if (live === undefined || wanted.every(({ field, value }) => isInMaps(field, value, live))) {
    return { kind: 'apply', object: partOf(drift, wanted) };
  }
  return patchOf(drift, live, declared);
}

interface Wanted {
  readonly field: FieldDrift;
  readonly value: Json | undefined;
}

function isHidden({ declared, live }: FieldDrift): boolean {
  return JSON.stringify([declared, live]).includes(JSON.stringify(hiddenValue));
}

/** What Git declares at a field; the default where it relies on one. */
function declaredValue(
  { at, atDeclared = at, declared }: FieldDrift,
  object: JsonObject,
): Json | undefined {
  return declared === undefined ? undefined : (valueAt(object, atDeclared) ?? declared);
}

function isInMaps({ at }: FieldDrift, value: Json | undefined, live: JsonObject): boolean {
  const segments = pointerSegments(at);
  return (
    value !== undefined &&
    segments.every(
      (_, index) => !Array.isArray(valueAt(live, pointer(...segments.slice(0, index)))),
    )
  );
}

function partOf({ reference }: ObjectDrift, wanted: readonly Wanted[]): JsonObject {
  const { apiVersion, kind, namespace, name } = reference;
  const metadata = { name, ...(namespace === '' ? {} : { namespace }) };
  let part: JsonObject = { apiVersion, kind, metadata };
  for (const { field, value } of wanted) {
    part = withValue(part, pointerSegments(field.at), value ?? null);
  }
  return part;
}

function withValue(
  object: JsonObject,
  [segment = '', ...rest]: readonly string[],
  value: Json,
): JsonObject {
  const inner = object[segment];
  return {
    ...object,
    [segment]: rest.length === 0 ? value : withValue(isObject(inner) ? inner : {}, rest, value),
  };
}

function patchOf(drift: ObjectDrift, live: JsonObject, declared: JsonObject): Restoration {
  const operations: (PatchOperation | PatchTest)[] = [];
  const done = new Set<string>();
  for (const field of drift.fields.toReversed()) {
    const step = stepFor(drift, field, { live, declared });
    if (step === undefined) {
      return { problem: 'it cannot be told where a field belongs: apply its file again' };
    }
    if (!done.has(step.path)) {
      done.add(step.path);
      const before = valueAt(live, step.path);
      const test: readonly PatchTest[] =
        before === undefined || step.op === 'add'
          ? []
          : [{ op: 'test', path: step.path, value: before }];
      operations.push(...test, step);
    }
  }
  return { kind: 'patch', operations };
}

/** One operation for one field; of the whole list where elements came, went or moved. */
function stepFor(
  { reference: { kind } }: ObjectDrift,
  field: FieldDrift,
  state: State,
): PatchOperation | undefined {
  const { live, declared } = state;
  const value = declaredValue(field, declared);
  const place =
    field.live === undefined ? translatePointer(kind, declared, live, field.at) : field.at;
  const list = listAround(live, place ?? field.at);
  if (place !== undefined && !isStructural(field, value, list)) {
    return fieldStep(place, value, live);
  }
  const own = list === undefined ? undefined : translatePointer(kind, live, declared, list.at);
  const whole = own === undefined ? undefined : valueAt(declared, own);
  return list === undefined || whole === undefined
    ? undefined
    : { op: 'replace', path: list.at, value: whole };
}

interface State {
  readonly live: JsonObject;
  readonly declared: JsonObject;
}

interface ListPlace {
  readonly at: Pointer;
  readonly depth: number;
}

/** Whether the field is an element that came, went or moved. */
function isStructural(
  { at, live }: FieldDrift,
  declared: Json | undefined,
  list: ListPlace | undefined,
): boolean {
  return (
    list !== undefined &&
    pointerSegments(at).length === list.depth + 1 &&
    (declared === undefined || live === undefined || equalJson(declared, live))
  );
}

function fieldStep(place: Pointer, value: Json | undefined, live: JsonObject): PatchOperation {
  if (value === undefined) {
    return { op: 'remove', path: place };
  }
  if (valueAt(live, pointer(...pointerSegments(place).slice(0, -1))) === undefined) {
    return addWithParents(place, value, live);
  }
  return { op: valueAt(live, place) === undefined ? 'add' : 'replace', path: place, value };
}

/** The innermost list on the way to a place. */
function listAround(object: JsonObject, at: Pointer): ListPlace | undefined {
  const segments = pointerSegments(at);
  for (let depth = segments.length - 1; depth >= 0; depth -= 1) {
    const above = pointer(...segments.slice(0, depth));
    if (Array.isArray(valueAt(object, above))) {
      return { at: above, depth };
    }
  }
  return undefined;
}

/** Adds the nearest missing parent with what it is to hold. */
function addWithParents(place: Pointer, value: Json, live: JsonObject): PatchOperation {
  const segments = pointerSegments(place);
  let depth = segments.length - 1;
  while (depth > 0 && valueAt(live, pointer(...segments.slice(0, depth))) === undefined) {
    depth -= 1;
  }
  const inner = segments
    .slice(depth + 1)
    .reduceRight<Json>((below, segment) => ({ [segment]: below }), value);
  return {
    op: 'add',
    path: extendPointer(pointer(...segments.slice(0, depth)), segments[depth] ?? ''),
    value: inner,
  };
}
