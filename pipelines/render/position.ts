import type { Pointer } from '../../policies/core/pointer.ts';
import {
  endOf,
  findPlace,
  isBlockScalar,
  startOf,
  type FoundPlace,
  type SourcePlaces,
} from './source-places.ts';

/** A place in a text; lines and columns count from 1, columns in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The lines of a text that a field takes up, first and last. */
export interface LineSpan {
  readonly first: number;
  readonly last: number;
}

/**
 * Where the field at `at` is written: its key, or the item of a list; where it is absent, the nearest parent's.
 * `lineWithin` is a line of the field's text, from 1: with a block scalar, the place is that line.
 */
export function positionOf(places: SourcePlaces, at: Pointer, lineWithin?: number): Position {
  const found = findPlace(places, at);
  const inBlock =
    lineWithin === undefined || found?.exact !== true
      ? undefined
      : blockLine(places, found, lineWithin);
  return inBlock ?? placeOf(places, beginOf(places, found));
}

/** The lines that a field's key and value take up; of the nearest parent, only the line of its key. */
export function linesOf(places: SourcePlaces, at: Pointer): LineSpan {
  const found = findPlace(places, at);
  const first = placeOf(places, beginOf(places, found)).line;
  const behind = found?.exact === true ? endOf(places, found.node) : undefined;
  if (behind === undefined) {
    return { first, last: first };
  }
  const end = trimmedEnd(places, behind);
  return { first, last: Math.max(first, placeOf(places, Math.max(end - 1, 0)).line) };
}

function trimmedEnd({ text }: SourcePlaces, end: number): number {
  return text.slice(0, end).trimEnd().length;
}

function beginOf(places: SourcePlaces, found: FoundPlace | undefined): number {
  if (found === undefined) {
    return 0;
  }
  const { key, node } = found;
  const ofKey = key === undefined ? undefined : startOf(places, key);
  return ofKey ?? startOf(places, node) ?? 0;
}

function placeOf({ lineStarts, deeper }: SourcePlaces, offset: number): Position {
  let low = 0;
  let high = lineStarts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((lineStarts[middle] ?? 0) <= offset) {
      low = middle;
    } else {
      high = middle;
    }
  }
  const column = offset - (lineStarts[low] ?? 0) - (deeper?.[low] ?? 0) + 1;
  return { line: low + 1, column: Math.max(column, 1) };
}

function blockLine(
  places: SourcePlaces,
  { node }: FoundPlace,
  lineWithin: number,
): Position | undefined {
  const first = isBlockScalar(places, node) ? startOf(places, node) : undefined;
  if (first === undefined) {
    return undefined;
  }
  const line = placeOf(places, first).line + lineWithin - 1;
  const start = places.lineStarts[line - 1];
  if (start === undefined || start >= trimmedEnd(places, endOf(places, node) ?? 0)) {
    return undefined;
  }
  const indent = /^[ \t]*/u.exec(places.text.slice(start))?.[0].length ?? 0;
  return { line, column: indent + 1 };
}
