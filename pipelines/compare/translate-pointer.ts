import { isObject, member, type Json, type JsonObject } from '../../policies/core/json.ts';
import {
  extendPointer,
  pointer,
  pointerSegments,
  type Pointer,
} from '../../policies/core/pointer.ts';
import { pairList } from './pair-elements.ts';

/**
 * Where a field of the old state stands in the new one: list elements are followed to their new index. Undefined where
 * the element is gone. Fields that neither state has keep their path, since a finding may point at what is missing.
 */
export function translatePointer(
  kind: string,
  before: JsonObject,
  after: JsonObject,
  at: Pointer,
): Pointer | undefined {
  let left: Json | undefined = before;
  let right: Json | undefined = after;
  let translated = pointer();
  let field = '';
  for (const segment of pointerSegments(at)) {
    let step = segment;
    if (Array.isArray(left) && Array.isArray(right)) {
      const index = followIndex(
        kind,
        field,
        left as readonly Json[],
        right as readonly Json[],
        Number(segment),
      );
      if (index === undefined) {
        return undefined;
      }
      left = (left as readonly Json[])[Number(segment)];
      right = (right as readonly Json[])[index];
      step = String(index);
    } else {
      left = isObject(left) ? member(left, segment) : undefined;
      right = isObject(right) ? member(right, segment) : undefined;
      field = segment;
    }
    translated = extendPointer(translated, step);
  }
  return translated;
}

function followIndex(
  kind: string,
  field: string,
  before: readonly Json[],
  after: readonly Json[],
  index: number,
): number | undefined {
  const paired = pairList(kind, field, before, after);
  return paired === undefined ? index : paired.pairing.get(index);
}
