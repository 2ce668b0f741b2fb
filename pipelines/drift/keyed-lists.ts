import { isObject, member, type Json } from '../../policies/core/json.ts';
import type { Alignment } from './align.ts';
import type { Shape } from './shape/shape.ts';

/**
 * Matches the elements of lists that fields tell apart, wherever they stand; of several with one key the first is the
 * first. Undefined where an element lacks all key fields, so that they cannot tell.
 */
export function matchKeyed(
  declared: readonly Json[],
  live: readonly Json[],
  keys: readonly string[],
  element: Shape | undefined,
): Omit<Alignment, 'moved'> | undefined {
  const left = declared.map((item) => keyOf(item, keys, element));
  const right = live.map((item) => keyOf(item, keys, element));
  return left.includes(undefined) || right.includes(undefined)
    ? undefined
    : matchTexts(left, right);
}

/** Matches equal texts, each once, wherever they stand. */
export function matchTexts(
  left: readonly (string | undefined)[],
  right: readonly (string | undefined)[],
): Omit<Alignment, 'moved'> {
  const places = Map.groupBy(right.keys(), (index) => right[index]);
  const pairs: [number, number][] = [];
  const gone: number[] = [];
  const taken = new Set<number>();
  for (const [index, text] of left.entries()) {
    const other = places.get(text)?.shift();
    if (other === undefined) {
      gone.push(index);
    } else {
      pairs.push([index, other]);
      taken.add(other);
    }
  }
  return { pairs, gone, added: [...right.keys()].filter((index) => !taken.has(index)) };
}

/** What tells an element from its siblings, a missing part being its default; undefined where it has none of the fields. */
export function keyOf(
  item: Json,
  keys: readonly string[],
  element: Shape | undefined,
): string | undefined {
  if (!isObject(item) || keys.every((key) => (member(item, key) ?? null) === null)) {
    return undefined;
  }
  return JSON.stringify(keys.map((key) => member(item, key) ?? fixedDefault(element, key)));
}

function fixedDefault(element: Shape | undefined, key: string): Json {
  const fallback = element?.members.get(key)?.fallback;
  return typeof fallback === 'string' ? fallback : null;
}
