import { createHash } from 'node:crypto';
import { findingKey } from '../../policies/core/finding.ts';
import type { LocatedFinding } from '../locate.ts';

// Markers count at the beginning of a text of our own only, where nothing that a manifest says can stand.
const findingMarker = /^<!-- meshgate:finding ([\da-f]{16}) -->/u;
const reviewedMarker = /^<!-- meshgate:findings ([\da-f ]*) -->/u;
const resolvedMarker = '<!-- meshgate:resolved -->';

/** What a finding is known by from one push to the next: what it says, of which field, in which file. */
export function fingerprintOf({ finding, file }: LocatedFinding): string {
  return createHash('sha256')
    .update(`${file}\n${findingKey(finding)}`)
    .digest('hex')
    .slice(0, 16);
}

/** The first line of a comment on a finding. */
export function markFinding(fingerprint: string): string {
  return `<!-- meshgate:finding ${fingerprint} -->`;
}

/** The finding that a comment of ours is about. */
export function markedFinding(body: string): string | undefined {
  return findingMarker.exec(body)?.[1];
}

/** The first line of a review whose own text holds findings. */
export function markReview(fingerprints: readonly string[]): string {
  return `<!-- meshgate:findings ${fingerprints.join(' ')} -->`;
}

/** The findings in the own text of a review of ours; undefined where it is none. */
export function markedReview(body: string): readonly string[] | undefined {
  const marked = reviewedMarker.exec(body)?.[1];
  return marked?.split(' ').filter((fingerprint) => fingerprint !== '');
}

/** Whether a comment of ours says that its finding is gone. */
export function isResolved(body: string): boolean {
  return body.replaceAll('\r\n', '\n').split('\n', 2)[1] === resolvedMarker;
}

/** A comment on a finding that a push has resolved: what it said stays, folded, and nothing is offered any more. */
export function markResolved(body: string, fingerprint: string, head: string): string {
  const was = body
    .replaceAll('\r\n', '\n')
    .replace(findingMarker, '')
    .replaceAll(/^(`{3,})suggestion$/gmu, '$1yaml')
    .trim();
  return [
    markFinding(fingerprint),
    resolvedMarker,
    `**Resolved** as of \`${head.slice(0, 10)}\`.`,
    '',
    '<details><summary>What it was</summary>',
    '',
    was,
    '',
    '</details>',
  ].join('\n');
}
