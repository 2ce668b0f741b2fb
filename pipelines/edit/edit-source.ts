import { isCollection, isMap, isScalar, isSeq } from 'yaml';
import { applyPatch } from 'rfc6902';
import { isObject, type Json } from '../../policies/core/json.ts';
import {
  equalJson,
  operationsFor,
  type Change,
  type PatchOperation,
} from '../../policies/core/patch.ts';
import {
  joinPointers,
  pointer,
  pointerSegments,
  valueAt,
  type Pointer,
} from '../../policies/core/pointer.ts';
import { parseDocument } from '../render/parse-documents.ts';
import {
  findNode,
  rangeOf,
  readSourceTree,
  type SourceNode,
  type SourceTree,
} from '../render/source-tree.ts';
import { addMember, fillEmpty, removeMember, type NewMember } from './edit-mapping.ts';
import { replaceScalar } from './edit-scalar.ts';
import { applyEdit, columnOf, type EditPlan } from './text-edit.ts';
import { flowText, type Layout } from './write-value.ts';

/** A document with a fix in it, or why the fix cannot be written there. */
export type EditOutcome = { readonly text: string } | { readonly problem: string };

/**
 * Writes the changes of a fix into a document's source and touches only the lines concerned. `prefix` leads to the
 * object where a List holds it. The result is read again: unless it means exactly the fixed object, nothing is changed
 * and the problem says so.
 */
export function editSource(text: string, prefix: Pointer, changes: readonly Change[]): EditOutcome {
  const before = parseDocument(text);
  const object = 'value' in before ? valueAt(before.value, prefix) : undefined;
  if (!('value' in before) || !isObject(object)) {
    return { problem: 'the document changed or cannot be read' };
  }
  const operations = operationsFor(object, changes).map((operation) => ({
    ...operation,
    path: joinPointers(prefix, operation.path),
  }));
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  let edited = text;
  for (const operation of gather(operations)) {
    const tree = readSourceTree(edited);
    const plan = planEdit(tree, operation, { step: stepOf(tree), newline });
    if ('problem' in plan) {
      return plan;
    }
    edited = applyEdit(edited, plan);
  }
  const wanted = unshared(before.value);
  applyPatch(wanted, operations);
  const after = parseDocument(edited);
  return 'value' in after && equalJson(after.value, wanted)
    ? { text: edited }
    : { problem: 'the source is written in a way that a fix would not keep: edit it by hand' };
}

/** A copy in which aliases are written out, so that a patch changes one place only. */
function unshared(value: Json | undefined): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

/** Operations with what they create as one value, instead of empty parents first. */
function gather(operations: readonly PatchOperation[]): readonly PatchOperation[] {
  const gathered: PatchOperation[] = [];
  for (const operation of operations) {
    const root = gathered.find(
      ({ op, path }) => op !== 'remove' && operation.path.startsWith(`${path}/`),
    );
    if (root === undefined || root.op === 'remove' || operation.op === 'remove') {
      gathered.push(structuredClone(operation));
      continue;
    }
    const within = operation.path.slice(root.path.length);
    applyPatch(root.value, [{ op: 'add', path: within, value: operation.value }]);
  }
  return gathered;
}

function planEdit(tree: SourceTree, operation: PatchOperation, layout: Layout): EditPlan {
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

function replaceValue(
  tree: SourceTree,
  { key, node, inFlow }: SourceNode,
  value: Json,
  layout: Layout,
): EditPlan {
  const range = rangeOf(node);
  const isEmpty = range === undefined || range[0] === range[1];
  const isEmptyCollection = isCollection(node) && node.items.length === 0;
  const grows = isScalar(node) && typeof value === 'object' && value !== null;
  if (range !== undefined && inFlow && (isScalar(node) || isEmptyCollection)) {
    const text = JSON.stringify(value);
    return { start: range[0], end: range[1], text: isEmpty ? ` ${text}` : text };
  }
  if (key !== undefined && (isEmpty || isEmptyCollection || grows)) {
    return fillEmpty(tree, key, node, value, layout);
  }
  if (!isScalar(node)) {
    return { problem: 'only single values can be replaced' };
  }
  const indent = columnOf(tree.text, rangeOf(key)?.[0] ?? range?.[0] ?? 0);
  return replaceScalar(tree, node, value, { ...layout, indent });
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

/** Spaces that a level takes: as in the first nested block mapping, else 2. */
function stepOf({ document, text }: SourceTree): number {
  const root = document.contents;
  if (!isMap(root)) {
    return 2;
  }
  for (const { key, value } of root.items) {
    if (isMap(value) && value.flow !== true) {
      const inner = columnOf(text, rangeOf(value.items[0]?.key)?.[0] ?? 0);
      const outer = columnOf(text, rangeOf(key)?.[0] ?? 0);
      return Math.max(inner - outer, 1);
    }
  }
  return 2;
}
