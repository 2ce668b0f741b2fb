import type { Scalar } from 'yaml';
import type { Json } from '../../policies/core/json.ts';
import type { SourceTree } from '../render/source-tree.ts';
import { lineEnd, type EditPlan } from './text-edit.ts';
import {
  blockLines,
  flowText,
  isBlockText,
  readsAs,
  withHead,
  type Layout,
} from './write-value.ts';

/** Replaces a scalar by another value, in the same style where that can hold it; `indent` is that of its key. */
export function replaceScalar(
  tree: SourceTree,
  scalar: Scalar,
  value: Json,
  layout: Layout & { readonly indent: number },
): EditPlan {
  const [start, end] = scalar.range ?? [0, 0];
  if (scalar.type === 'BLOCK_FOLDED') {
    return { problem: 'a folded text cannot be edited in place' };
  }
  if (scalar.type === 'BLOCK_LITERAL') {
    return typeof value === 'string'
      ? rewriteBlock(tree, scalar, value, layout)
      : { problem: 'a block scalar holds a text' };
  }
  if (typeof value === 'string' && isBlockText(value) && scalar.type === 'PLAIN') {
    const [head = '', ...lines] = withHead('', value, layout.indent, layout);
    return { start, end, text: [head.trimStart(), ...lines].join(layout.newline) };
  }
  return { start, end, text: inStyle(scalar, value) };
}

function inStyle(scalar: Scalar, value: Json): string {
  if (typeof value !== 'string') {
    return JSON.stringify(value);
  }
  if (scalar.type === 'QUOTE_SINGLE') {
    const quoted = `'${value.replaceAll("'", "''")}'`;
    return !value.includes('\n') && readsAs(quoted, value) ? quoted : JSON.stringify(value);
  }
  return scalar.type === 'QUOTE_DOUBLE' ? JSON.stringify(value) : flowText(value);
}

/** Writes a literal block anew, touching only the lines that differ. */
function rewriteBlock(tree: SourceTree, scalar: Scalar, value: string, layout: Layout): EditPlan {
  const { text } = tree;
  const [start, end] = scalar.range ?? [0, 0];
  const header = text.slice(start, lineEnd(text, start));
  const old = String(scalar.value);
  if (old.endsWith('\n') !== value.endsWith('\n') || /^\|[\d+-]*[\d+]/u.test(header)) {
    return { problem: 'the block scalar ends or is indented in an unusual way' };
  }
  const first = text.indexOf('\n', start) + 1;
  if (first === 0 || first > end) {
    return { problem: 'the block scalar is empty' };
  }
  const indent = firstIndent(text.slice(first, end));
  const before = blockLines(old, indent);
  const after = blockLines(value, indent);
  const head = commonHead(before, after);
  const tail = commonHead(before.slice(head).toReversed(), after.slice(head).toReversed());
  const from = skipLines(text, first, head);
  const to = skipLines(text, from, before.length - head - tail);
  const lines = after.slice(head, after.length - tail);
  const body = lines.map((line) => `${line}${layout.newline}`).join('');
  const atEnd = to === text.length && !text.endsWith('\n');
  if (from === text.length && atEnd) {
    return { start: from, end: to, text: `${layout.newline}${lines.join(layout.newline)}` };
  }
  return { start: from, end: to, text: atEnd ? lines.join(layout.newline) : body };
}

/** The indentation of the first line that is not blank. */
function firstIndent(lines: string): number {
  return /^(?:[ \t]*\r?\n)*( *)/u.exec(lines)?.[1]?.length ?? 0;
}

function commonHead(left: readonly string[], right: readonly string[]): number {
  let count = 0;
  while (count < left.length && count < right.length && left[count] === right[count]) {
    count += 1;
  }
  return count;
}

function skipLines(text: string, from: number, count: number): number {
  let at = from;
  for (let line = 0; line < count; line += 1) {
    const newline = text.indexOf('\n', at);
    at = newline === -1 ? text.length : newline + 1;
  }
  return at;
}
