import { editSource } from '../edit/edit-source.ts';
import type { ReviewedFinding } from '../review.ts';
import type { DiffLines } from './review-comments-lines.ts';
import { plainLine } from './escape.ts';

/** New text for whole lines of a file, from `start` to `end`; no text takes them out. */
export interface Suggestion {
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
}

/** A range wider than this is no longer read before it is accepted. */
const mostLines = 10;

/**
 * The fix as an edit of lines that a diff shows, or undefined where it is none: it must lie within one hunk, and every
 * line that it replaces must stand in the diff exactly as in the source that the fix was proven on.
 */
export function suggestionFor(
  { finding, origin }: ReviewedFinding,
  shown: DiffLines,
): Suggestion | undefined {
  // What a renderer made is not what the lines of its source say.
  const isRendered = origin.rendered !== undefined;
  if (finding.fix === undefined || isRendered || origin.text.includes('\r')) {
    return undefined;
  }
  const edited = editSource(origin.text, origin.prefix, finding.fix.changes);
  if ('problem' in edited) {
    return undefined;
  }
  const edit = changedLines(origin.text.split('\n'), edited.text.split('\n'));
  if (edit === undefined || edit.removed.length > mostLines) {
    return undefined;
  }
  const start = origin.line + edit.from;
  const end = start + edit.removed.length - 1;
  const stands = edit.removed.every((text, index) => shown.get(start + index)?.text === text);
  const oneHunk = shown.get(start)?.hunk === shown.get(end)?.hunk;
  const plain = [...edit.removed, ...edit.added].every((text) => plainLine(text) === text);
  return stands && oneHunk && plain ? { start, end, lines: edit.added } : undefined;
}

interface LineEdit {
  /** Index of the first line that is replaced. */
  readonly from: number;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** The one run of lines in which two texts differ; what is only added replaces the line before it by itself and more. */
function changedLines(before: readonly string[], after: readonly string[]): LineEdit | undefined {
  let head = 0;
  while (head < Math.min(before.length, after.length) && before[head] === after[head]) {
    head += 1;
  }
  let tail = 0;
  while (
    tail < Math.min(before.length, after.length) - head &&
    before.at(-1 - tail) === after.at(-1 - tail)
  ) {
    tail += 1;
  }
  if (head === before.length && head === after.length) {
    return undefined;
  }
  const from = head + tail === before.length ? head - 1 : head;
  // The last line has no line break to keep, so what is added after it cannot be told from a change of it.
  return from < 0 || tail === 0
    ? undefined
    : {
        from,
        removed: before.slice(from, before.length - tail),
        added: after.slice(from, after.length - tail),
      };
}
