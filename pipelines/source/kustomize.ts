import { posix } from 'node:path';
import { listIn, stringIn, type Json } from '../../policies/core/json.ts';
import { parseDocuments } from '../render/parse-documents.ts';

const names: ReadonlySet<string> = new Set([
  'kustomization.yaml',
  'kustomization.yml',
  'Kustomization',
]);

/** Whether a path is what Kustomize reads first in a folder. */
export function isKustomization(file: string): boolean {
  return names.has(posix.basename(file));
}

/**
 * The files that a kustomization uses as patches, as paths like `file` itself. A patch is a part of an object, so it
 * must not be judged as a whole one.
 */
export function patchFiles(file: string, text: string): readonly string[] {
  const folder = posix.dirname(file);
  const paths = parseDocuments(text).documents.flatMap(({ value }) => [
    ...listIn(value, 'patches').map((patch) => stringIn(patch, 'path')),
    ...listIn(value, 'patchesJson6902').map((patch) => stringIn(patch, 'path')),
    ...listIn(value, 'patchesStrategicMerge').map(inlineOrPath),
  ]);
  return paths.flatMap((path) => (path === undefined ? [] : [posix.join(folder, path)]));
}

function inlineOrPath(patch: Json): string | undefined {
  return typeof patch === 'string' && !patch.includes('\n') ? patch : undefined;
}
