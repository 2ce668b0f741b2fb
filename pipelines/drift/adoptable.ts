import { applyPatch } from 'rfc6902';
import type { Json, JsonObject } from '../../policies/core/json.ts';
import { equalJson, operationsFor, type Change } from '../../policies/core/patch.ts';
import { extendPointer, pointer, pointerSegments, valueAt } from '../../policies/core/pointer.ts';
import type { Pointer } from '../../policies/core/pointer.ts';
import { hiddenValue } from '../compare/mask.ts';
import { translatePointer } from '../compare/translate-pointer.ts';
import { isOtherwiseNamed } from './autoscaler-versions.ts';
import { changesToward } from './changes-toward.ts';
import type { FieldDrift, ObjectDrift } from './report.ts';

/** What brings one live field into what Git declares. */
export interface Adoption {
  readonly field: FieldDrift;
  /** On the declared object, each on what the ones before leave; never none. */
  readonly changes: readonly Change[];
}

/** A field, or a whole object, that stays as Git has it, and why. */
export interface NotAdoptable {
  readonly field?: FieldDrift;
  readonly problem: string;
}

/** What of an object's drift can be brought into Git at all, whatever its source looks like. */
export function adoptionsOf(drift: ObjectDrift): {
  readonly adoptions: readonly Adoption[];
  readonly refused: readonly NotAdoptable[];
} {
  const { declared, live, reference } = drift;
  const whole = wholeObjectProblem(drift);
  if (whole !== undefined || declared === undefined || live === undefined) {
    return { adoptions: [], refused: [{ problem: whole ?? 'nothing of it is known' }] };
  }
  const adoptions: Adoption[] = [];
  const refused: NotAdoptable[] = [];
  let current = declared;
  for (const field of drift.fields) {
    const problem = fieldProblem(field);
    const changes =
      problem === undefined ? changesFor(field, { kind: reference.kind, live, current }) : [];
    if (problem !== undefined || changes.length === 0) {
      refused.push({ field, problem: problem ?? 'it cannot be told where it belongs in Git' });
      continue;
    }
    adoptions.push({ field, changes });
    current = withChanges(current, changes);
  }
  return { adoptions, refused };
}

function wholeObjectProblem(drift: ObjectDrift): string | undefined {
  const { verdict, reference, declared, live } = drift;
  if (declared !== undefined && live !== undefined && isOtherwiseNamed(declared, live)) {
    return 'Git declares it in another version than it was read in: change it by hand';
  }
  switch (verdict) {
    case 'missing':
      return 'the cluster does not have it: remove it from Git if it is not wanted';
    case 'extra':
      return 'Git does not declare it, and nothing tells which file it belongs to';
    case 'unknown':
      return 'it could not be told what the cluster has';
    default:
      return reference.kind === 'Secret' ? 'values of Secrets are not written to files' : undefined;
  }
}

function fieldProblem({ class: how, declared, live }: FieldDrift): string | undefined {
  if (JSON.stringify([declared, live]).includes(JSON.stringify(hiddenValue))) {
    return 'its value is not shown, so it is not written to a file';
  }
  if (how === 'not-applied') {
    return 'Git is ahead of the cluster: apply it';
  }
  if (how === 'removed-in-git') {
    return 'Git removed it on purpose: apply Git with pruning';
  }
  return declared !== undefined && equalJson(declared, live)
    ? 'its place in the list changed: move it by hand'
    : undefined;
}

interface Both {
  readonly kind: string;
  readonly live: JsonObject;
  /** What Git declares, with what was adopted before. */
  readonly current: JsonObject;
}

function changesFor(field: FieldDrift, { kind, live, current }: Both): readonly Change[] {
  const value = field.live === undefined ? undefined : valueAt(live, field.at);
  const place =
    field.atDeclared ??
    (field.live === undefined ? field.at : translatePointer(kind, live, current, field.at));
  if (place !== undefined && (value === undefined || mayStand(current, place))) {
    return changesToward(place, valueAt(current, place), value);
  }
  return value === undefined ? [] : insertion(field.at, value, { kind, live, current });
}

/** Whether a place is there, or can be made without leaving a gap in a list. */
function mayStand(object: JsonObject, place: Pointer): boolean {
  const segments = pointerSegments(place);
  return segments.every((segment, index) => {
    const above = valueAt(object, pointer(...segments.slice(0, index)));
    return !Array.isArray(above) || Number(segment) < above.length;
  });
}

/** An item that others added to a list, at the place that it has there. */
function insertion(at: Pointer, value: Json, { kind, live, current }: Both): readonly Change[] {
  const segments = pointerSegments(at);
  const above = pointer(...segments.slice(0, -1));
  const place = translatePointer(kind, live, current, above);
  const list = place === undefined ? undefined : valueAt(current, place);
  const index = Number(segments.at(-1));
  if (place === undefined || !Array.isArray(list) || !Number.isInteger(index)) {
    return [];
  }
  const items = list as readonly Json[];
  return index >= items.length
    ? [{ at: extendPointer(place, items.length), value }]
    : changesToward(place, items, items.toSpliced(index, 0, value));
}

function withChanges(object: JsonObject, changes: readonly Change[]): JsonObject {
  const changed = structuredClone(object);
  applyPatch(changed, structuredClone([...operationsFor(object, changes)]));
  return changed;
}
