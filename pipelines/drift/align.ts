import type { Json } from '../../policies/core/json.ts';
import { bestMatches } from '../compare/best-matches.ts';
import { leavesOf, similarity } from '../compare/similarity.ts';

/** Which element of a declared list is which of the live one; each index occurs at most once. */
export interface Alignment {
  readonly pairs: readonly (readonly [declared: number, live: number])[];
  /** Declared elements that live has nowhere. */
  readonly gone: readonly number[];
  /** Live elements that Git does not have. */
  readonly added: readonly number[];
  /** Equal elements that stand elsewhere in the order. */
  readonly moved: readonly (readonly [declared: number, live: number])[];
}

/** Tables larger than this are not made: the lists are compared by position. */
const largestTable = 250_000;
/** Elements that share less than this are two things, not one that changed. */
const alike = 0.5;

/**
 * Aligns two ordered lists by their longest common run of equal elements, so that one inserted route is one finding. What
 * is left between two equal ones is paired by position where it is as many on both sides, else by likeness.
 */
export function alignLists(
  declared: readonly Json[],
  live: readonly Json[],
  textOf: (item: Json) => string,
): Alignment {
  const left = declared.map(textOf);
  const right = live.map(textOf);
  const anchors = commonRun(left, right);
  const pairs: (readonly [number, number])[] = [];
  const gone: number[] = [];
  const added: number[] = [];
  let from: readonly [number, number] = [0, 0];
  for (const anchor of [...anchors, [left.length, right.length] as const]) {
    const gap = pairGap(declared, live, from, anchor);
    pairs.push(...gap.pairs);
    gone.push(...gap.gone);
    added.push(...gap.added);
    if (anchor[0] < left.length) {
      pairs.push(anchor);
    }
    from = [anchor[0] + 1, anchor[1] + 1];
  }
  return withMoves({ pairs, gone, added, moved: [] }, left, right);
}

/** Elements that are gone in one place and added in another have moved. */
function withMoves(
  alignment: Alignment,
  left: readonly string[],
  right: readonly string[],
): Alignment {
  const added = [...alignment.added];
  const gone: number[] = [];
  const moved: [number, number][] = [];
  for (const index of alignment.gone) {
    const at = added.findIndex((other) => right[other] === left[index]);
    const [other] = at === -1 ? [] : added.splice(at, 1);
    if (other === undefined) {
      gone.push(index);
    } else {
      moved.push([index, other]);
    }
  }
  return { pairs: alignment.pairs, gone, added, moved };
}

function pairGap(
  declared: readonly Json[],
  live: readonly Json[],
  [left, right]: readonly [number, number],
  [leftEnd, rightEnd]: readonly [number, number],
): Omit<Alignment, 'moved'> {
  const mine = range(left, leftEnd);
  const theirs = range(right, rightEnd);
  if (mine.length === theirs.length) {
    return { pairs: mine.map((index, at) => [index, theirs[at] ?? 0]), gone: [], added: [] };
  }
  const matches = bestMatches(
    mine.map((index) => leavesOf(declared[index] ?? null)),
    theirs.map((index) => leavesOf(live[index] ?? null)),
    similarity,
    alike,
  ).map(([one, other]) => [mine[one] ?? 0, theirs[other] ?? 0] as const);
  const pairedMine = new Set(matches.map(([index]) => index));
  const pairedTheirs = new Set(matches.map(([, index]) => index));
  return {
    pairs: matches,
    gone: mine.filter((index) => !pairedMine.has(index)),
    added: theirs.filter((index) => !pairedTheirs.has(index)),
  };
}

/** The longest common subsequence of two lists of texts, as pairs of indexes. */
function commonRun(
  left: readonly string[],
  right: readonly string[],
): readonly (readonly [number, number])[] {
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) {
    start += 1;
  }
  let ends = 0;
  while (
    ends < Math.min(left.length, right.length) - start &&
    left.at(-1 - ends) === right.at(-1 - ends)
  ) {
    ends += 1;
  }
  const head = range(0, start).map((index) => [index, index] as const);
  const tail = range(0, ends).map(
    (index) => [left.length - ends + index, right.length - ends + index] as const,
  );
  const middle = commonInside(
    left.slice(start, left.length - ends),
    right.slice(start, right.length - ends),
  ).map(([one, other]) => [one + start, other + start] as const);
  return [...head, ...middle, ...tail];
}

function commonInside(
  left: readonly string[],
  right: readonly string[],
): readonly (readonly [number, number])[] {
  if (left.length === 0 || right.length === 0 || left.length * right.length > largestTable) {
    return [];
  }
  const width = right.length + 1;
  const lengths = new Uint32Array((left.length + 1) * width);
  const at = (one: number, other: number): number => lengths[one * width + other] ?? 0;
  for (let one = left.length - 1; one >= 0; one -= 1) {
    for (let other = right.length - 1; other >= 0; other -= 1) {
      lengths[one * width + other] =
        left[one] === right[other]
          ? at(one + 1, other + 1) + 1
          : Math.max(at(one + 1, other), at(one, other + 1));
    }
  }
  const pairs: [number, number][] = [];
  for (let one = 0, other = 0; one < left.length && other < right.length;) {
    if (left[one] === right[other]) {
      pairs.push([one, other]);
      one += 1;
      other += 1;
    } else if (at(one + 1, other) >= at(one, other + 1)) {
      one += 1;
    } else {
      other += 1;
    }
  }
  return pairs;
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}
