import { editSource } from '../edit/edit-source.ts';
import type { ReviewedFinding } from '../review.ts';
import type { DiffLines } from './review-comments-lines.ts';
import { plainLine } from './escape.ts';

/** New text for whole lines of a file, from `start` to `end`; no text takes them out. */
export interface Suggestion {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
}

/** A range wider than this is no longer read before it is accepted. */
const mostLines = 10;

/** The lines of the new state that the diffs of files show. */
export type ShownFiles = ReadonlyMap<string, DiffLines>;

/**
 * The fix as an edit of lines that a diff shows, or undefined where it is none: it must lie within one hunk, and every
 * line that it replaces must stand in the diff exactly as in the source that the fix was proven on.
 */
export function suggestionFor(
  reviewed: ReviewedFinding,
  files: ShownFiles,
): Suggestion | undefined {
  const fixed = fixedText(reviewed);
  const shown = files.get(fixed?.path ?? '');
  if (fixed === undefined || shown === undefined || fixed.before.includes('\r')) {
    return undefined;
  }
  const edit = changedLines(fixed.before.split('\n'), fixed.after.split('\n'));
  const range = edit === undefined ? undefined : rangeShown(edit, fixed.line, shown);
  return edit === undefined || range === undefined
    ? undefined
    : { path: fixed.path, ...range, lines: edit.added };
}

/** The lines that an edit replaces, where a reader of the diff sees just them. */
function rangeShown(
  { from, removed, added }: LineEdit,
  firstLine: number,
  shown: DiffLines,
): Pick<Suggestion, 'start' | 'end'> | undefined {
  const start = firstLine + from;
  const end = start + removed.length - 1;
  const stands = removed.every((text, index) => shown.get(start + index)?.text === text);
  const oneHunk = shown.get(start)?.hunk === shown.get(end)?.hunk;
  const plain = [...removed, ...added].every((text) => plainLine(text) === text);
  return removed.length <= mostLines && stands && oneHunk && plain ? { start, end } : undefined;
}

interface FixedText {
  readonly path: string;
  /** On which the text begins. */
  readonly line: number;
  readonly before: string;
  readonly after: string;
}

/** What a renderer made is not what the lines of its source say, so there an edit must have been proven. */
function fixedText({ finding, origin, file, edits }: ReviewedFinding): FixedText | undefined {
  if (origin.rendered !== undefined) {
    const [edit, ...others] = edits ?? [];
    return edit === undefined || others.length > 0
      ? undefined
      : { path: edit.file, line: 1, before: edit.before, after: edit.after };
  }
  const edited =
    finding.fix === undefined
      ? undefined
      : editSource(origin.text, origin.prefix, finding.fix.changes);
  return edited === undefined || 'problem' in edited
    ? undefined
    : { path: file, line: origin.line, before: origin.text, after: edited.text };
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
