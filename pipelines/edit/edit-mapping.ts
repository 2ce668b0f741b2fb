import {
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import type { Json } from '../../policies/core/json.ts';
import { rangeOf, type SourceTree } from '../render/source-tree.ts';
import { columnOf, lineEnd, lineStart, type EditPlan } from './text-edit.ts';
import { blockPair, flowText, withHead, type Layout } from './write-value.ts';

type NodePair = Pair<Node, Node | null>;

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
  return insertAfter(text, endOf(tree, previous), lines, layout);
}

/** Gives a value to a key that has none: `annotations:` or `annotations: {}`. */
export function fillEmpty(
  tree: SourceTree,
  key: Node,
  value: Node | undefined,
  wanted: Json,
  layout: Layout,
): EditPlan {
  const { text } = tree;
  const [start, end] = rangeOf(key) ?? [0, 0];
  const colon = text.indexOf(':', end);
  const from = colon + 1;
  const [valueStart, valueEnd] = rangeOf(value) ?? [from, from];
  const to = valueStart === valueEnd ? from : valueEnd;
  const rest = text.slice(to, lineEnd(text, to));
  const indent = columnOf(text, start);
  const [head = '', ...lines] = withHead('', wanted, indent, layout);
  if (text.slice(end, colon).trim() !== '' || (rest.trim() !== '' && !/^\s+#/u.test(rest))) {
    return { start: from, end: to, text: ` ${flowText(wanted)}` };
  }
  const body = lines.map((line) => `${layout.newline}${line}`).join('');
  return { start: from, end: to + rest.length, text: `${head}${rest}${body}` };
}

/** Takes a member out of a block mapping with its lines. */
export function removeMember(tree: SourceTree, mapping: YAMLMap, key: Node): EditPlan {
  const { text } = tree;
  const pairs = mapping.items as NodePair[];
  const pair = pairs.find((candidate) => candidate.key === key);
  const start = rangeOf(key)?.[0] ?? 0;
  if (mapping.flow === true || pairs.length < 2 || !isFirstOnLine(text, start)) {
    return { problem: 'a member can only be taken out of a block mapping that has others' };
  }
  const end = lineEnd(text, endOf(tree, pair));
  const next = text.indexOf('\n', end);
  return { start: lineStart(text, start), end: next === -1 ? text.length : next + 1, text: '' };
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

/** Whether a member's value is a block mapping or list, and its key begins a line. */
function hasOwnLines(tree: SourceTree): (pair: NodePair) => boolean {
  return ({ key, value }) =>
    (isMap(value) || isSeq(value)) &&
    value.flow !== true &&
    isFirstOnLine(tree.text, rangeOf(key)?.[0] ?? 0);
}

function isFirstOnLine(text: string, at: number): boolean {
  return text.slice(lineStart(text, at), at).trim() === '';
}

function followsComment(text: string, at: number): boolean {
  const start = lineStart(text, at);
  const previous = text.slice(lineStart(text, start - 1), Math.max(start - 1, 0));
  return start > 0 && previous.trimStart().startsWith('#');
}

/** Where the text of a member ends, without comments and blank lines after it. */
function endOf(tree: SourceTree, pair: NodePair | undefined): number {
  const node = lastNode(pair);
  const end = rangeOf(node)?.[1] ?? tree.text.length;
  const isBlock = isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED');
  return isBlock ? tree.text.slice(0, end).trimEnd().length : end;
}

/** The node that ends a member: of block collections, what ends their last item. */
function lastNode(item: unknown): Node | undefined {
  if (isPair<Node, Node | null>(item)) {
    return lastNode(item.value ?? item.key);
  }
  if (isCollection(item) && item.flow !== true && item.items.length > 0) {
    return lastNode(item.items.at(-1));
  }
  return isNode(item) ? item : undefined;
}

function insertAfter(text: string, at: number, lines: readonly string[], layout: Layout): EditPlan {
  const end = lineEnd(text, at);
  return { start: end, end, text: lines.map((line) => `${layout.newline}${line}`).join('') };
}
