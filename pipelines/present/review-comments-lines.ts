import { parsePatch, type StructuredPatch } from 'diff';

/** A line of a file's new state that a diff shows, and so may be commented on. */
export interface DiffLine {
  /** Which hunk shows it, from 0. */
  readonly hunk: number;
  readonly text: string;
}

/** The lines of the new state that a diff shows, by number: added ones and their context. */
export type DiffLines = ReadonlyMap<number, DiffLine>;

/**
 * Reads a `patch` as GitHub gives it, which has hunks but no header. One that cannot be read shows no line.
 * Source: GitHub's REST API, "List pull requests files"; review comments are refused on all other lines.
 */
export function readDiffLines(patch: string | undefined): DiffLines {
  const lines = new Map<number, DiffLine>();
  for (const [hunk, { newStart, lines: shown }] of readHunks(patch).entries()) {
    let line = newStart;
    for (const text of shown) {
      if (text.startsWith('+') || text.startsWith(' ')) {
        lines.set(line, { hunk, text: text.slice(1) });
        line += 1;
      }
    }
  }
  return lines;
}

function readHunks(patch: string | undefined): StructuredPatch['hunks'] {
  try {
    return patch === undefined ? [] : parsePatch(patch).flatMap(({ hunks }) => hunks);
  } catch {
    // Cut off by GitHub, or not a diff: nothing can be said about its lines.
    return [];
  }
}
