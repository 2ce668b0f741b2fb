import { isMap, isSeq } from 'yaml';
import type { PatchOperation } from '../../policies/core/patch.ts';
import { pointer, pointerSegments } from '../../policies/core/pointer.ts';
import { findNode, type SourceNode, type SourceTree } from '../render/source-tree.ts';
import { addMember, type NewMember } from './edit-mapping.ts';
import { addItem, removeItem } from './edit-list.ts';
import { replaceValue } from './edit-value.ts';
import { fillEmpty } from './fill-empty.ts';
import { stepOf } from './indentation.ts';
import { removeMember } from './remove-member.ts';
import type { EditPlan } from './text-edit.ts';
import type { Layout } from './write-value.ts';

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
    return remove(tree, parent.node, found);
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
  if (isSeq(node)) {
    return addItem(tree, node, member.value, layout);
  }
  if (!isMap(node)) {
    return { problem: 'nothing can be added to a single value' };
  }
  if (node.items.length === 0 && key !== undefined && !inFlow) {
    return fillEmpty(tree, key, node, { [member.key]: member.value }, layout);
  }
  return addMember(tree, node, member, layout);
}

function remove(tree: SourceTree, parent: unknown, { node, key }: SourceNode): EditPlan {
  if (isMap(parent) && key !== undefined) {
    return removeMember(tree, parent, key);
  }
  return isSeq(parent) && node !== undefined
    ? removeItem(tree, parent, node)
    : { problem: 'only a member of a mapping or an item of a list can be taken out' };
}
