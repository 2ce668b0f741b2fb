import type { Review } from '../pipelines/review.ts';

/** What a review says to whatever runs it: nothing new blocks, something does, or something could not be read. */
const exitCodes = { clear: 0, blocked: 1, unusable: 2 } as const;

/** A review as it is printed. */
export async function present(review: Review, output: 'markdown' | 'json'): Promise<string> {
  if (output === 'json') {
    const { toJsonReview } = await import('../pipelines/present/json-review.ts');
    return `${JSON.stringify(toJsonReview(review), undefined, 2)}\n`;
  }
  const { toMarkdown } = await import('../pipelines/present/markdown-review.ts');
  return toMarkdown(review);
}

/** The exit code for a review. */
export function exitCodeOf({ verdict }: Pick<Review, 'verdict'>): number {
  switch (verdict) {
    case 'blocked':
      return exitCodes.blocked;
    case 'incomplete':
      return exitCodes.unusable;
    case 'clear':
      return exitCodes.clear;
  }
}
