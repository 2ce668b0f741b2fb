import { severities, type Finding } from '../../policies/core/finding.ts';
import { equalJson } from '../../policies/core/patch.ts';
import { pointer, pointerSegments, type Pointer } from '../../policies/core/pointer.ts';
import type { Manifest } from './manifest.ts';
import type { ManifestPair } from './pair-manifests.ts';
import { translatePointer } from './translate-pointer.ts';

/** A finding with the manifest that it is about. */
export interface FindingOn<M extends Manifest> {
  readonly finding: Finding;
  readonly manifest: M;
}

/** What a change does to the findings of a repository. */
export interface FindingsChange<F> {
  /** New ones, and old ones that became graver. */
  readonly introduced: readonly F[];
  /** Those of the old state that nothing in the new one corresponds to. */
  readonly resolved: readonly F[];
  /** Those of the new state that were there before. */
  readonly remaining: readonly F[];
}

/**
 * Compares the findings of two states. A finding stays the same one while its policy, message and object do, wherever
 * the object's file or name went and at whatever index its list element now stands; other values in its text do not
 * make it new, a higher severity does. Where one object has several of a kind, the same field pairs first, then the
 * same data, then the same list element.
 */
export function compareFindings<M extends Manifest, F extends FindingOn<M>>(
  base: readonly F[],
  head: readonly F[],
  pairs: readonly ManifestPair<M>[],
): FindingsChange<F> {
  const successors = new Map(pairs.map(({ before, after }) => [before, after] as const));
  const ids = new Map<M, number>();
  const idOf = (manifest: M): number => {
    const id = ids.get(manifest) ?? ids.size;
    ids.set(manifest, id);
    return id;
  };
  const keyOf = ({ finding }: F, manifest: M): string =>
    `${idOf(manifest)} ${finding.policy} ${finding.message}`;
  const waiting = new Map<string, Waiting<F>[]>();
  const resolved: F[] = [];
  for (const old of base) {
    const manifest = successors.get(old.manifest);
    const at = manifest === undefined ? undefined : follow(old, manifest);
    if (manifest === undefined || at === undefined) {
      resolved.push(old);
      continue;
    }
    const key = keyOf(old, manifest);
    waiting.set(key, [...(waiting.get(key) ?? []), { old, at }]);
  }
  const matched = matchAll(head, (now) => waiting.get(keyOf(now, now.manifest)) ?? []);
  const continued = new Set(matched.values());
  const worse = (now: F): boolean => {
    const old = matched.get(now);
    return old === undefined || rank(now) > rank(old);
  };
  for (const old of [...waiting.values()].flat()) {
    if (!continued.has(old.old)) {
      resolved.push(old.old);
    }
  }
  const order = new Map(base.map((old, index) => [old, index]));
  return {
    introduced: head.filter(worse),
    resolved: resolved.toSorted((left, right) => (order.get(left) ?? 0) - (order.get(right) ?? 0)),
    remaining: head.filter((now) => !worse(now)),
  };
}

/** A finding of the old state, at its place in the new one. */
interface Waiting<F> {
  readonly old: F;
  readonly at: Pointer;
}

/** Ever weaker reasons to take two findings of one policy, message and object for the same. */
const reasons: readonly (<M extends Manifest>(
  old: Waiting<FindingOn<M>>,
  now: FindingOn<M>,
) => boolean)[] = [
  ({ old, at }, now) => at === now.finding.at && equalJson(old.finding.data, now.finding.data),
  ({ at }, now) => at === now.finding.at,
  ({ at }, now) => elementOf(at) === elementOf(now.finding.at),
];

function matchAll<M extends Manifest, F extends FindingOn<M>>(
  head: readonly F[],
  candidates: (now: F) => readonly Waiting<F>[],
): ReadonlyMap<F, F> {
  const matched = new Map<F, F>();
  const taken = new Set<F>();
  for (const same of reasons) {
    for (const now of head) {
      const match = matched.has(now)
        ? undefined
        : candidates(now).find((old) => !taken.has(old.old) && same(old, now));
      if (match !== undefined) {
        matched.set(now, match.old);
        taken.add(match.old);
      }
    }
  }
  return matched;
}

function follow<M extends Manifest>(old: FindingOn<M>, successor: M): Pointer | undefined {
  const { at } = old.finding;
  return old.manifest.object === successor.object
    ? at
    : translatePointer(successor.kind, old.manifest.object, successor.object, at);
}

/** The path to the innermost list element that a field lies in; '' outside of all lists. */
function elementOf(at: Pointer): Pointer {
  const segments = pointerSegments(at);
  return pointer(
    ...segments.slice(0, segments.findLastIndex((segment) => /^\d+$/u.test(segment)) + 1),
  );
}

function rank({ finding }: FindingOn<Manifest>): number {
  return severities.indexOf(finding.severity);
}
