import { isCollection, isScalar, type Node } from 'yaml';
import type { Json } from '../../policies/core/json.ts';
import { rangeOf, type SourceNode, type SourceTree } from '../render/source-tree.ts';
import { replaceScalar } from './edit-scalar.ts';
import { fillEmpty } from './fill-empty.ts';
import { itemEnd } from './member-text.ts';
import { columnOf, lineEnd, type EditPlan } from './text-edit.ts';
import { flowText, withHead, type Layout } from './write-value.ts';

/** Replaces what stands at a place that exists by another value. */
export function replaceValue(
  tree: SourceTree,
  { key, node, inFlow }: SourceNode,
  value: Json,
  layout: Layout,
): EditPlan {
  if (inFlow) {
    return replaceInFlow(node, value);
  }
  if (key !== undefined && (isEmpty(node) || (isScalar(node) && isCollectionValue(value)))) {
    return fillEmpty(tree, key, node, value, layout);
  }
  if (!isScalar(node)) {
    return key === undefined
      ? { problem: 'an item of a list that is no single value cannot be replaced in place' }
      : replaceCollection(tree, key, node, value, layout);
  }
  const indent = columnOf(tree.text, rangeOf(key)?.[0] ?? rangeOf(node)?.[0] ?? 0);
  return replaceScalar(tree, node, value, { ...layout, indent });
}

/** Writes a block list or mapping anew; its key, and what stands beside that, stays. */
function replaceCollection(
  tree: SourceTree,
  key: Node,
  node: Node | undefined,
  value: Json,
  layout: Layout,
): EditPlan {
  const { text } = tree;
  const [start, end] = rangeOf(key) ?? [0, 0];
  const colon = text.indexOf(':', end);
  const [head = '', ...lines] = withHead('', value, columnOf(text, start), layout);
  const to = node === undefined ? colon + 1 : itemEnd(tree, node);
  if (node === undefined || !isCollection(node) || node.flow === true) {
    return { start: rangeOf(node)?.[0] ?? to, end: to, text: JSON.stringify(value) };
  }
  if (head !== '' || text.slice(end, colon).trim() !== '') {
    return { start: colon + 1, end: to, text: ` ${flowText(value)}` };
  }
  const from = lineEnd(text, colon);
  const rest = text.slice(to, lineEnd(text, to));
  const last = /^\s+#/u.test(rest) ? to + rest.length : to;
  return { start: from, end: last, text: lines.map((line) => `${layout.newline}${line}`).join('') };
}

function replaceInFlow(node: Node | undefined, value: Json): EditPlan {
  const range = rangeOf(node);
  if (range === undefined || (!isScalar(node) && !isEmpty(node))) {
    return { problem: 'only single values can be replaced' };
  }
  const [start, end] = range;
  return { start, end, text: `${start === end ? ' ' : ''}${JSON.stringify(value)}` };
}

/** Nothing at all after the colon, or an empty mapping or list. */
function isEmpty(node: Node | undefined): boolean {
  const range = rangeOf(node);
  const isNothing = range === undefined || range[0] === range[1];
  return isNothing || (isCollection(node) && node.items.length === 0);
}

function isCollectionValue(value: Json): boolean {
  return typeof value === 'object' && value !== null;
}
