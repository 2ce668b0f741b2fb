import { isObject, type Json } from '../../policies/core/json.ts';
import { bestMatches } from './best-matches.ts';
import { elementKey, isSet, listRule, type ListRule } from './list-identity.ts';
import { leavesOf } from './similarity.ts';

/** Which element of one list is which of another, by index; what is in no pair was removed or added. */
export type Pairing = ReadonlyMap<number, number>;

/** Elements that share less than this are two things, not one that changed. */
const alike = 0.5;

/** Pairs the elements of two states of a list of objects: by key fields, else equal ones, else the most alike. */
export function pairElements(
  before: readonly Json[],
  after: readonly Json[],
  rule: ListRule,
): Pairing {
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
  const restBefore = [...free.before];
  const restAfter = [...free.after];
  const leaves = (list: readonly Json[]) => (index: number) => leavesOf(list[index] ?? null);
  for (const [left, right] of bestMatches(
    restBefore.map(leaves(before)),
    restAfter.map(leaves(after)),
    alike,
  )) {
    take(restBefore[left] ?? 0, restAfter[right] ?? 0);
  }
  return pairs;
}

/** Pairs equal scalars, each once. */
export function pairScalars(before: readonly Json[], after: readonly Json[]): Pairing {
  const places = new Map<Json, number[]>();
  for (const [index, value] of [...after.entries()].toReversed()) {
    places.set(value, [...(places.get(value) ?? []), index]);
  }
  const pairs = new Map<number, number>();
  for (const [index, value] of before.entries()) {
    const other = places.get(value)?.pop();
    if (other !== undefined) {
      pairs.set(index, other);
    }
  }
  return pairs;
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
