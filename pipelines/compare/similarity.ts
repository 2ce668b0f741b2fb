import { isObject, type Json } from '../../policies/core/json.ts';

/** The scalars of a value, each with its path, as a multiset; positions in lists do not count. */
export type Leaves = ReadonlyMap<string, number>;

/**
 * Collects the leaves of a value. Texts that are `ownName`, or a host below it, become one token, so that an object
 * that names itself in labels and selectors looks the same under another name.
 */
export function leavesOf(value: Json, ownName?: string): Leaves {
  const leaves = new Map<string, number>();
  collect(value, '', ownName, leaves);
  return leaves;
}

/** How much two multisets of leaves share: 1 when equal, 0 when nothing is common (Dice's coefficient). */
export function similarity(left: Leaves, right: Leaves): number {
  const total = size(left) + size(right);
  if (total === 0) {
    return 1;
  }
  let common = 0;
  for (const [leaf, count] of left) {
    common += Math.min(count, right.get(leaf) ?? 0);
  }
  return (2 * common) / total;
}

/** The number of leaves. */
export function size(leaves: Leaves): number {
  let total = 0;
  for (const count of leaves.values()) {
    total += count;
  }
  return total;
}

function collect(
  value: Json,
  path: string,
  ownName: string | undefined,
  leaves: Map<string, number>,
): void {
  if (Array.isArray(value)) {
    for (const item of value as readonly Json[]) {
      collect(item, `${path}/-`, ownName, leaves);
    }
    return;
  }
  if (isObject(value)) {
    for (const [key, inner] of Object.entries(value)) {
      collect(inner, `${path}/${key}`, ownName, leaves);
    }
    return;
  }
  const leaf = `${path}=${JSON.stringify(nameless(value, ownName))}`;
  leaves.set(leaf, (leaves.get(leaf) ?? 0) + 1);
}

function nameless(value: Json, ownName: string | undefined): Json {
  if (typeof value !== 'string' || ownName === undefined || !value.startsWith(ownName)) {
    return value;
  }
  const rest = value.slice(ownName.length);
  return rest === '' || rest.startsWith('.') ? ['own name', rest] : value;
}
