import { applyPatch } from 'rfc6902';
import type { PatchOperation } from '../../policies/core/patch.ts';
import { diffFields, type FieldChange } from './fields.ts';
import type { Manifest } from './manifest.ts';
import { maskField } from './mask.ts';

/** What a fix changes, field by field, as a reader of a diff would see it. */
export function suggestedFields(
  manifest: Manifest,
  operations: readonly PatchOperation[],
): readonly FieldChange[] {
  const patched = structuredClone(manifest.object);
  applyPatch(patched, [...structuredClone(operations)]);
  return diffFields(manifest.kind, manifest.object, patched).map((field) =>
    maskField(manifest, field),
  );
}
