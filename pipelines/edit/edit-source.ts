import { applyPatch } from 'rfc6902';
import { isObject, type Json } from '../../policies/core/json.ts';
import {
  equalJson,
  operationsFor,
  type Change,
  type PatchOperation,
} from '../../policies/core/patch.ts';
import { joinPointers, valueAt, type Pointer } from '../../policies/core/pointer.ts';
import { parseDocument } from '../render/parse-documents.ts';
import { readSourceTree } from '../render/source-tree.ts';
import { planEdit } from './plan-edit.ts';
import { applyEdit } from './text-edit.ts';

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
    const plan = planEdit(readSourceTree(edited), operation, newline);
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
