import { isObject, type Json } from '../../policies/core/json.ts';
import { bestMatches } from './best-matches.ts';
import { elementKey, isSet, listRule, type ListRule } from './list-identity.ts';
import { leavesOf, similarity } from './similarity.ts';

/** Which element of one list is which of another, by index; what is in no pair was removed or added. */
export type Pairing = ReadonlyMap<number, number>;

/** Elements that share less than this are two things, not one that changed. */
const alike = 0.5;

/**
 * Pairs the elements of two states of a list of objects: by key fields, else the most
 * alike, else the only ones left where neither has a name.
 */
function pairElements(before: readonly Json[], after: readonly Json[], rule: ListRule): Pairing {
  const pairs = new Map<number, number>();
  const free = { before: new Set(before.keys()), after: new Set(after.keys()) };
  const take = (left: number, right: number): void => {
    pairs.set(left, right);
    free.before.delete(left);
    free.after.delete(right);
  };
  for (const fields of rule.keys) {
    const left = uniqueKeys(before, free.before, (element) => elementKey(element, fields));
    const right = uniqueKeys(after, free.after, (element) => elementKey(element, fields));
    for (const [key, index] of left) {
      const other = right.get(key);
      if (other !== undefined) {
        take(index, other);
      }
    }
  }
  for (const [left, right] of pairEqual(
    [...free.before].map((index) => [index, JSON.stringify(before[index])]),
    [...free.after].map((index) => [index, JSON.stringify(after[index])]),
  )) {
    take(left, right);
  }
  const restBefore = [...free.before];
  const restAfter = [...free.after];
  const leaves = (list: readonly Json[]) => (index: number) => leavesOf(list[index] ?? null);
  for (const [left, right] of bestMatches(
    restBefore.map(leaves(before)),
    restAfter.map(leaves(after)),
    similarity,
    alike,
  )) {
    take(restBefore[left] ?? 0, restAfter[right] ?? 0);
  }
  const only = onlyUnnamed(free.before, before, rule);
  const other = onlyUnnamed(free.after, after, rule);
  if (only !== undefined && other !== undefined) {
    take(only, other);
  }
  return pairs;
}

/** Pairs equal scalars, each once. */
function pairScalars(before: readonly Json[], after: readonly Json[]): Pairing {
  return pairEqual([...before.entries()], [...after.entries()]);
}

/** Pairs indexes with equal values, each once, the earlier ones first. */
function pairEqual(
  before: readonly (readonly [number, Json | undefined])[],
  after: readonly (readonly [number, Json | undefined])[],
): Pairing {
  const places = new Map<Json | undefined, number[]>();
  for (const [index, value] of after.toReversed()) {
    const same = places.get(value);
    if (same === undefined) {
      places.set(value, [index]);
    } else {
      same.push(index);
    }
  }
  const pairs = new Map<number, number>();
  for (const [index, value] of before) {
    const other = places.get(value)?.pop();
    if (other !== undefined) {
      pairs.set(index, other);
    }
  }
  return pairs;
}

/** The only index left, where nothing names its element. */
function onlyUnnamed(
  free: ReadonlySet<number>,
  list: readonly Json[],
  rule: ListRule,
): number | undefined {
  const [index] = free;
  if (index === undefined || free.size > 1) {
    return undefined;
  }
  const isNamed = rule.keys.some((fields) => elementKey(list[index] ?? null, fields) !== undefined);
  return isNamed ? undefined : index;
}

/** How two states of the list in `field` correspond, or undefined for an ordered list of scalars, which is one value. */
export function pairList(
  kind: string,
  field: string,
  before: readonly Json[],
  after: readonly Json[],
): { readonly pairing: Pairing; readonly ordered: boolean } | undefined {
  if ([...before, ...after].every(isObject)) {
    const rule = listRule(kind, field);
    return { pairing: pairElements(before, after, rule), ordered: rule.ordered };
  }
  return isSet(field) ? { pairing: pairScalars(before, after), ordered: false } : undefined;
}

/** True where paired elements stand in another order than before. */
export function isReordered(pairing: Pairing): boolean {
  let last = -1;
  for (const [, right] of [...pairing].toSorted(([left], [other]) => left - other)) {
    if (right < last) {
      return true;
    }
    last = right;
  }
  return false;
}

function uniqueKeys(
  list: readonly Json[],
  indexes: ReadonlySet<number>,
  keyOf: (element: Json) => string | undefined,
): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const twice = new Set<string>();
  for (const index of indexes) {
    const key = keyOf(list[index] ?? null);
    if (key === undefined) {
      continue;
    }
    if (found.has(key)) {
      twice.add(key);
    }
    found.set(key, index);
  }
  for (const key of twice) {
    found.delete(key);
  }
  return found;
}
