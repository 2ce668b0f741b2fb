/** More comparisons than this are not worth their time: what is left then counts as removed and added. */
const mostComparisons = 40_000;

/**
 * Pairs items by how alike they are, the most alike first; only pairs of at least `threshold`. Equal likeness goes
 * to the earlier items. Nothing is paired where there are too many candidates to compare each with each.
 */
export function bestMatches<T>(
  left: readonly T[],
  right: readonly T[],
  likeness: (left: T, right: T) => number,
  threshold: number,
): readonly (readonly [number, number])[] {
  if (left.length * right.length > mostComparisons) {
    return [];
  }
  const candidates: { readonly score: number; readonly pair: readonly [number, number] }[] = [];
  for (const [leftIndex, leftItem] of left.entries()) {
    for (const [rightIndex, rightItem] of right.entries()) {
      const score = likeness(leftItem, rightItem);
      if (score >= threshold) {
        candidates.push({ score, pair: [leftIndex, rightIndex] });
      }
    }
  }
  candidates.sort((one, other) => other.score - one.score);
  const takenLeft = new Set<number>();
  const takenRight = new Set<number>();
  const matches: (readonly [number, number])[] = [];
  for (const { pair } of candidates) {
    if (!takenLeft.has(pair[0]) && !takenRight.has(pair[1])) {
      takenLeft.add(pair[0]);
      takenRight.add(pair[1]);
      matches.push(pair);
    }
  }
  return matches;
}
