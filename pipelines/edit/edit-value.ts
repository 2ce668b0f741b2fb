import { isCollection, isScalar, type Node } from 'yaml';
import type { Json } from '../../policies/core/json.ts';
import { rangeOf, type SourceNode, type SourceTree } from '../render/source-tree.ts';
import { replaceScalar } from './edit-scalar.ts';
import { fillEmpty } from './fill-empty.ts';
import { columnOf, type EditPlan } from './text-edit.ts';
import type { Layout } from './write-value.ts';

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
    return { problem: 'only single values can be replaced' };
  }
  const indent = columnOf(tree.text, rangeOf(key)?.[0] ?? rangeOf(node)?.[0] ?? 0);
  return replaceScalar(tree, node, value, { ...layout, indent });
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
