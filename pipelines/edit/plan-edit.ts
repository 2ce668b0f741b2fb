import { isMap, isScalar, isSeq } from 'yaml';
import type { Json } from '../../policies/core/json.ts';
import type { PatchOperation } from '../../policies/core/patch.ts';
import { pointer, pointerSegments } from '../../policies/core/pointer.ts';
import { findNode, rangeOf, type SourceNode, type SourceTree } from '../render/source-tree.ts';
import { addMember, type NewMember } from './edit-mapping.ts';
import { replaceValue } from './edit-value.ts';
import { fillEmpty } from './fill-empty.ts';
import { stepOf } from './indentation.ts';
import { removeMember } from './remove-member.ts';
import { columnOf, type EditPlan } from './text-edit.ts';
import { flowText, type Layout } from './write-value.ts';

/** The edit of a source that does what one operation does to its value. */
export function planEdit(tree: SourceTree, operation: PatchOperation, newline: string): EditPlan {
  const layout: Layout = { step: stepOf(tree), newline };
  const segments = pointerSegments(operation.path);
  const key = segments.at(-1) ?? '';
  const place = pointer(...segments.slice(0, -1));
  const parent = findNode(tree, place);
  if (!parent.exact || parent.shared) {
    return { problem: 'the place is written by way of an alias: edit it by hand' };
  }
  const found = findNode(tree, operation.path);
  if (found.exact && found.shared) {
    return { problem: 'the value comes from an alias or a merge: edit it by hand' };
  }
  if (operation.op === 'remove') {
    return isMap(parent.node) && found.key !== undefined
      ? removeMember(tree, parent.node, found.key)
      : { problem: 'only a member of a mapping can be taken out' };
  }
  if (!found.exact) {
    return add(
      tree,
      parent,
      { key, value: operation.value, parent: segments.at(-2) ?? '' },
      layout,
    );
  }
  return replaceValue(tree, found, operation.value, layout);
}

function add(
  tree: SourceTree,
  { node, key, inFlow }: SourceNode,
  member: NewMember,
  layout: Layout,
): EditPlan {
  if (!isMap(node)) {
    return addItem(tree, node, member.value, layout);
  }
  if (node.items.length === 0 && key !== undefined && !inFlow) {
    return fillEmpty(tree, key, node, { [member.key]: member.value }, layout);
  }
  return addMember(tree, node, member, layout);
}

function addItem(tree: SourceTree, list: unknown, value: Json, layout: Layout): EditPlan {
  const last = isSeq(list) && list.flow !== true ? list.items.at(-1) : undefined;
  const range = isScalar(last) ? rangeOf(last) : undefined;
  if (range === undefined || typeof value === 'object') {
    return { problem: 'only single values can be added to a list' };
  }
  const indent = ' '.repeat(Math.max(columnOf(tree.text, range[0]) - 2, 0));
  return { start: range[1], end: range[1], text: `${layout.newline}${indent}- ${flowText(value)}` };
}
