import { effectOf } from '../../policies/core/finding.ts';
import type { ReviewedFinding } from '../review.ts';
import { findingItem, findingParagraphs, suggestedChange } from './markdown-findings.ts';
import { composeSections } from './markdown-sections.ts';
import { readDiffLines } from './review-comments-lines.ts';
import { fingerprintOf, markFinding, markReview } from './review-comments-markers.ts';
import { suggestionFor, type ShownFiles, type Suggestion } from './review-comments-suggestion.ts';

/** A comment on lines of a diff, as a review takes it. `line` is the last one. */
export interface InlineComment {
  readonly fingerprint: string;
  readonly path: string;
  readonly line: number;
  /** The first line, where there are several. */
  readonly startLine?: number;
  readonly body: string;
}

/** A comment on a file of the diff as a whole. */
export interface FileComment {
  readonly fingerprint: string;
  readonly path: string;
  readonly body: string;
}

/** Where each finding is said. */
export interface PlannedComments {
  readonly inline: readonly InlineComment[];
  readonly onFiles: readonly FileComment[];
  /** Those without a place in the diff, for the review's own text. */
  readonly elsewhere: readonly ReviewedFinding[];
}

/** What of a plan nobody has been told; places stay as planned, so that a second attempt plans no others. */
export function withoutTold(
  { inline, onFiles, elsewhere }: PlannedComments,
  told: ReadonlySet<string>,
): PlannedComments {
  return {
    inline: inline.filter(({ fingerprint }) => !told.has(fingerprint)),
    onFiles: onFiles.filter(({ fingerprint }) => !told.has(fingerprint)),
    elsewhere: elsewhere.filter((reviewed) => !told.has(fingerprintOf(reviewed))),
  };
}

/** More than a reader takes in; the rest is listed in the review's text. */
const mostInline = 30;
/** Each costs a request of its own, 3 s apart. */
const mostOnFiles = 3;
/** GitHub takes 65,536 characters. */
const largestBytes = 60_000;

/**
 * Places findings on a pull request: on their line where the diff shows it, on their file where the diff has it but not
 * the line, else in the review's text. Only places that GitHub accepts are chosen, since one bad place would make it
 * refuse them all. What is only listed is left out.
 */
export function planComments(
  introduced: readonly ReviewedFinding[],
  files: readonly { readonly path: string; readonly removed: boolean; readonly patch?: string }[],
): PlannedComments {
  const diffs = new Map(
    files.filter(({ removed }) => !removed).map(({ path, patch }) => [path, readDiffLines(patch)]),
  );
  const inline: InlineComment[] = [];
  const onFiles: FileComment[] = [];
  const elsewhere: ReviewedFinding[] = [];
  const seen = new Set<string>();
  const suggested = new Set<string>();
  for (const reviewed of introduced) {
    const fingerprint = fingerprintOf(reviewed);
    if (effectOf(reviewed.finding) === 'list' || seen.has(fingerprint)) {
      continue;
    }
    seen.add(fingerprint);
    const shown = diffs.get(reviewed.file);
    const placed =
      inline.length >= mostInline
        ? undefined
        : placeInline(reviewed, fingerprint, diffs, suggested);
    if (placed !== undefined) {
      inline.push(placed);
    } else if (shown !== undefined && onFiles.length < mostOnFiles) {
      onFiles.push({ fingerprint, path: reviewed.file, body: commentBody(reviewed, fingerprint) });
    } else {
      elsewhere.push(reviewed);
    }
  }
  return { inline, onFiles, elsewhere };
}

function placeInline(
  reviewed: ReviewedFinding,
  fingerprint: string,
  diffs: ShownFiles,
  suggested: Set<string>,
): InlineComment | undefined {
  const suggestion = suggestionFor(reviewed, diffs);
  if (suggestion !== undefined && reserve(suggestion, suggested)) {
    const { path, start, end } = suggestion;
    return {
      fingerprint,
      path,
      line: end,
      ...(start < end ? { startLine: start } : {}),
      body: commentBody(reviewed, fingerprint, suggestion),
    };
  }
  const { file: path } = reviewed;
  const shown = diffs.get(path);
  for (let line = reviewed.line; line <= reviewed.endLine; line += 1) {
    if (shown?.has(line) === true) {
      return { fingerprint, path, line, body: commentBody(reviewed, fingerprint) };
    }
  }
  return undefined;
}

/** Two suggestions for one line cannot both be accepted. */
function reserve({ path, start, end }: Suggestion, suggested: Set<string>): boolean {
  const lines = Array.from({ length: end - start + 1 }, (_, index) => `${path}:${start + index}`);
  if (lines.some((line) => suggested.has(line))) {
    return false;
  }
  for (const line of lines) {
    suggested.add(line);
  }
  return true;
}

/** A comment on one finding: its words, and its fix as a suggestion to accept or a diff to copy. */
export function commentBody(
  reviewed: ReviewedFinding,
  fingerprint: string,
  suggestion?: Suggestion,
): string {
  const words = [markFinding(fingerprint), ...findingParagraphs(reviewed)];
  const offer =
    suggestion === undefined ? suggestedChange(reviewed) : [suggestionBlock(suggestion.lines)];
  const body = [...words, ...offer].join('\n\n');
  return Buffer.byteLength(body) > largestBytes ? words.join('\n\n') : body;
}

function suggestionBlock(lines: readonly string[]): string {
  const longest = Math.max(2, ...lines.flatMap((line) => line.match(/`+/gu) ?? []).map(lengthOf));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}suggestion`, ...lines, fence].join('\n');
}

function lengthOf(text: string): number {
  return text.length;
}

/** The text of a review: how many findings stand on lines, and those that no line of the diff can show. */
export function reviewBody(inline: number, elsewhere: readonly ReviewedFinding[]): string {
  const marker = markReview(elsewhere.map(fingerprintOf));
  const below = inline === 0 ? [] : [`${count(inline)} on the lines below.`];
  const others =
    elsewhere.length === 0 ? [] : [`${count(elsewhere.length)} that no line of this change shows:`];
  const top = `${marker}\nmeshgate: ${[...below, ...others].join(' ')}\n`;
  const section = { open: '\n', close: '', items: elsewhere.map(findingItem), rank: 0 };
  return composeSections(top, [section], '', largestBytes);
}

function count(amount: number): string {
  return `${String(amount)} new ${amount === 1 ? 'finding' : 'findings'}`;
}
