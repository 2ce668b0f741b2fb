import { isScalar } from 'yaml';
import type { Pointer } from '../../policies/core/pointer.ts';
import { findNode, rangeOf, type SourceNode, type SourceTree } from './source-tree.ts';

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
export function positionOf(tree: SourceTree, at: Pointer, lineWithin?: number): Position {
  const found = findNode(tree, at);
  const start = rangeOf(found.key)?.[0] ?? rangeOf(found.node)?.[0] ?? 0;
  const inBlock =
    lineWithin === undefined || !found.exact ? undefined : blockLine(tree, found, lineWithin);
  if (inBlock !== undefined) {
    return inBlock;
  }
  const { line, col } = tree.lines.linePos(start);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

/** The lines that a field's key and value take up; of the nearest parent, only the line of its key. */
export function linesOf(tree: SourceTree, at: Pointer): LineSpan {
  const found = findNode(tree, at);
  const first = positionOf(tree, at).line;
  const range = rangeOf(found.node);
  if (!found.exact || range === undefined) {
    return { first, last: first };
  }
  const end = tree.text.slice(0, range[1]).trimEnd().length;
  return { first, last: Math.max(first, tree.lines.linePos(Math.max(end - 1, 0)).line) };
}

function blockLine(
  tree: SourceTree,
  { node }: SourceNode,
  lineWithin: number,
): Position | undefined {
  const range = rangeOf(node);
  if (!isScalar(node) || range === undefined) {
    return undefined;
  }
  if (node.type !== 'BLOCK_LITERAL' && node.type !== 'BLOCK_FOLDED') {
    return undefined;
  }
  const line = tree.lines.linePos(range[0]).line + lineWithin;
  const start = tree.lines.lineStarts[line - 1];
  if (start === undefined || start >= range[1]) {
    return undefined;
  }
  const indent = /^[ \t]*/u.exec(tree.text.slice(start))?.[0].length ?? 0;
  return { line, column: indent + 1 };
}
