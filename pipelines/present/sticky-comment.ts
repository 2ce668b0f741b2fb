import { createHash } from 'node:crypto';
import type { Review } from '../review.ts';
import { reviewMarker, toMarkdown } from './markdown-review.ts';
import { prose } from './markdown-text.ts';

const stateMarker = /<!-- meshgate:state ([\da-f]{64}) -->\s*$/u;

/** The summary of a review, which one comment of a pull request shows. */
export function toStickyComment(review: Review): string {
  return withState(toMarkdown(review));
}

/** The summary where there could be no review. */
export function toStickyProblem(problem: string): string {
  const lines = problem
    .split('\n')
    .slice(0, 50)
    .map((line) => `- ${prose(line)}`);
  return withState(
    `${reviewMarker}\n### meshgate: this could not be reviewed\n\n${lines.join('\n')}\n`,
  );
}

/** Whether a comment of ours is the summary; it says so at its beginning, where no manifest can. */
export function isStickyComment(body: string): boolean {
  return body.startsWith(reviewMarker);
}

/** Whether the summary that stands there says the same; GitHub may have changed its line ends. */
export function saysTheSame(standing: string, wanted: string): boolean {
  const state = stateMarker.exec(standing)?.[1];
  return state !== undefined && state === stateMarker.exec(wanted)?.[1];
}

function withState(text: string): string {
  return `${text}\n<!-- meshgate:state ${createHash('sha256').update(text).digest('hex')} -->\n`;
}
