import type { YAMLMap } from 'yaml';
import type { Json } from '../../policies/core/json.ts';
import { rangeOf, type SourceTree } from '../render/source-tree.ts';
import {
  hasOwnLines,
  isFirstOnLine,
  followsComment,
  memberEnd,
  type NodePair,
} from './member-text.ts';
import { columnOf, lineEnd, lineStart, type EditPlan } from './text-edit.ts';
import { blockPair, type Layout } from './write-value.ts';

/** What to add to a mapping. */
export interface NewMember {
  readonly key: string;
  readonly value: Json;
  /** The key that holds the mapping. */
  readonly parent: string;
}

/** Keys whose members have no order, so that a new one goes last. */
const unordered: ReadonlySet<string> = new Set(['annotations', 'labels']);

/** Adds a member to a mapping, in its style and where a reader would look for it. */
export function addMember(
  tree: SourceTree,
  mapping: YAMLMap,
  member: NewMember,
  layout: Layout,
): EditPlan {
  const pairs = mapping.items as NodePair[];
  if (mapping.flow === true || pairs.length === 0) {
    return addToFlow(tree, mapping, pairs, member);
  }
  const { text } = tree;
  const firstKey = rangeOf(pairs[0]?.key)?.[0] ?? 0;
  const indent = columnOf(text, firstKey);
  const lines = blockPair(member.key, member.value, indent, layout);
  const nested = unordered.has(member.parent) ? -1 : pairs.findIndex(hasOwnLines(tree));
  if (nested === 0 && isFirstOnLine(text, firstKey) && !followsComment(text, firstKey)) {
    const start = lineStart(text, firstKey);
    return { start, end: start, text: lines.map((line) => `${line}${layout.newline}`).join('') };
  }
  const previous = pairs[nested > 0 ? nested - 1 : pairs.length - 1];
  return insertAfter(text, memberEnd(tree, previous), lines, layout);
}

function addToFlow(
  tree: SourceTree,
  mapping: YAMLMap,
  pairs: readonly NodePair[],
  { key, value }: NewMember,
): EditPlan {
  const { text } = tree;
  const [start, end] = rangeOf(mapping) ?? [0, 0];
  const written = `${JSON.stringify(key)}: ${JSON.stringify(value)}`;
  const last = pairs.at(-1);
  if (last === undefined) {
    return { start: start + 1, end: end - 1, text: written };
  }
  const lastStart = rangeOf(last.key)?.[0] ?? start;
  const at = rangeOf(last.value)?.[1] ?? rangeOf(last.key)?.[1] ?? end - 1;
  const own = isFirstOnLine(text, lastStart);
  const gap = own
    ? text.slice(text.lastIndexOf('\n', lastStart - 1) - (text.includes('\r\n') ? 1 : 0), lastStart)
    : ' ';
  return { start: at, end: at, text: `,${gap}${written}` };
}

function insertAfter(text: string, at: number, lines: readonly string[], layout: Layout): EditPlan {
  const end = lineEnd(text, at);
  return { start: end, end, text: lines.map((line) => `${layout.newline}${line}`).join('') };
}
