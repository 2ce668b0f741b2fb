import type { Node, YAMLSeq } from 'yaml';
import { isMap, isScalar } from 'yaml';
import type { Json } from '../../policies/core/json.ts';
import { rangeOf, type SourceTree } from '../render/source-tree.ts';
import { isFirstOnLine, itemEnd } from './member-text.ts';
import { columnOf, lineEnd, lineStart, type EditPlan } from './text-edit.ts';
import { itemLines, type Layout } from './write-value.ts';

const unusual: EditPlan = { problem: 'the list is written in a way that an edit would not keep' };

/** Adds an item at the end of a block list, in lines of its own. */
export function addItem(tree: SourceTree, list: YAMLSeq, value: Json, layout: Layout): EditPlan {
  const last = list.items.at(-1) as Node | undefined;
  const dash = last === undefined ? undefined : dashBefore(tree.text, last);
  if (list.flow === true || last === undefined || dash === undefined) {
    return unusual;
  }
  const end = lineEnd(tree.text, itemEnd(tree, last));
  const lines = itemLines(value, columnOf(tree.text, dash), layout);
  return { start: end, end, text: lines.map((line) => `${layout.newline}${line}`).join('') };
}

/** Takes an item out of a block list that has others, with its lines. */
export function removeItem(tree: SourceTree, list: YAMLSeq, item: Node): EditPlan {
  const { text } = tree;
  const dash = dashBefore(text, item);
  if (list.flow === true || list.items.length < 2 || dash === undefined) {
    return unusual;
  }
  const end = lineEnd(text, itemEnd(tree, item));
  const next = text.indexOf('\n', end);
  return { start: lineStart(text, dash), end: next === -1 ? text.length : next + 1, text: '' };
}

/** Where the dash of an item stands that begins a line; undefined where it does not. */
function dashBefore(text: string, item: Node): number | undefined {
  const start = startOf(item);
  const line = lineStart(text, start);
  const before = /^[ \t]*(?=- +$)/u.exec(text.slice(line, start));
  const dash = line + (before?.[0].length ?? 0);
  return before !== null && isFirstOnLine(text, dash) ? dash : undefined;
}

function startOf(item: Node): number {
  const first = isMap(item) ? (item.items[0]?.key as Node | undefined) : undefined;
  const node = first !== undefined && isScalar(first) ? first : item;
  return rangeOf(node)?.[0] ?? 0;
}
