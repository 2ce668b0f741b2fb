import { isObject, member, type Json, type JsonObject } from '../../policies/core/json.ts';
import type { Path } from './differences.ts';
import { canonical } from './canonical.ts';
import { keyOf } from './keyed-lists.ts';
import { elementPlace, memberPlace, type Place } from './place.ts';

/**
 * Whether what was last applied has the place to which a path leads in the live object. Elements are found by their keys,
 * in ordered lists by being the same, else by their position.
 */
export function wasApplied(
  applied: JsonObject | undefined,
  live: JsonObject,
  path: Path,
  root: Place,
): boolean {
  let value: Json | undefined = applied;
  let other: Json | undefined = live;
  let place = root;
  for (const step of path) {
    if (value === undefined || value === null) {
      return false;
    }
    if (typeof step === 'number') {
      const list: readonly Json[] = Array.isArray(value) ? value : [];
      const element: Json | undefined = Array.isArray(other) ? (other[step] as Json) : undefined;
      value = sameElement(list, element, step, place);
      other = element;
      place = elementPlace(place);
    } else {
      value = member(value, step);
      other = member(other, step);
      place = memberPlace(place, step);
    }
  }
  return value !== undefined && value !== null;
}

function sameElement(
  list: readonly Json[],
  element: Json | undefined,
  index: number,
  place: Place,
): Json | undefined {
  if (element === undefined) {
    return undefined;
  }
  const keys = place.shape?.keys;
  if (keys !== undefined && isObject(element)) {
    const shape = place.shape?.each;
    const key = keyOf(element, keys, shape);
    return list.find((item) => keyOf(item, keys, shape) === key);
  }
  const inner = elementPlace(place);
  const text = canonical(element, inner);
  const found = list.find((item) => canonical(item, inner) === text);
  return found ?? (isObject(element) ? list[index] : undefined);
}
