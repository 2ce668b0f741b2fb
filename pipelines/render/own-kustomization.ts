import { posix } from 'node:path';
import { listIn, stringIn, type Json, type JsonObject } from '../../policies/core/json.ts';
import type { ReadableInputs } from './build-job.ts';
import type { FileTree } from './file-tree.ts';
import { kustomizationIn, readKustomization } from './kustomization.ts';
import type { KustomizeRecipe } from './recipe.ts';

/** What Argo CD and Flux write into the kustomization itself; everything else may as well be added around it. */
const ownFields = ['namePrefix', 'nameSuffix', 'components'] as const;
const referring = ['resources', 'bases', 'components'] as const;

/** The kustomization that wraps a root, asks for origins, and adds what the root's declaration adds. */
export function wrapperOf(tree: FileTree, { folder, extra }: KustomizeRecipe): string {
  const own = kustomizationIn(tree, folder);
  const openapi = own === undefined ? undefined : readKustomization(tree, own)?.['openapi'];
  const version = stringIn(openapi, 'version');
  const around = Object.entries(extra).filter(([field]) => !ownFields.some((own) => own === field));
  return JSON.stringify({
    ...Object.fromEntries(around),
    resources: [`../tree/${folder}`],
    ...(version === undefined ? {} : { openapi: { version } }),
    buildMetadata: ['originAnnotations'],
  });
}

/**
 * Kustomizations that the renderer must see otherwise than they are written, by their paths: with what a declaration
 * writes into them, without one where Flux makes it, and with folders in the place of links to them.
 */
export function rewrittenKustomizations(
  tree: FileTree,
  { folder, extra, generated }: KustomizeRecipe,
  { files, links }: ReadableInputs,
): Readonly<Record<string, string>> {
  const rewritten: Record<string, string> = {};
  for (const file of files.keys()) {
    const followed = links.get(file);
    const own = followed === undefined ? undefined : readKustomization(tree, file);
    if (followed !== undefined && own !== undefined) {
      rewritten[file] = JSON.stringify(withoutLinks(own, followed));
    }
  }
  const added = ownFields.filter((field) => extra[field] !== undefined);
  const file = kustomizationIn(tree, folder) ?? posix.join(folder, 'kustomization.yaml');
  if (generated !== undefined || added.length > 0) {
    const base =
      generated === undefined
        ? withoutLinks(readKustomization(tree, file) ?? {}, links.get(file))
        : { resources: generated.map((path) => posix.relative(folder, path)) };
    rewritten[file] = JSON.stringify(merged(base, extra, added, links.get(file)));
  }
  return rewritten;
}

function merged(
  base: JsonObject,
  extra: JsonObject,
  added: readonly (typeof ownFields)[number][],
  followed: ReadonlyMap<string, string> | undefined,
): JsonObject {
  const outer = withoutLinks(
    Object.fromEntries(added.map((field) => [field, extra[field] ?? null])),
    followed,
  );
  const components = [...listIn(base, 'components'), ...listIn(outer, 'components')];
  return { ...base, ...outer, ...(components.length === 0 ? {} : { components }) };
}

function withoutLinks(
  kustomization: JsonObject,
  followed: ReadonlyMap<string, string> | undefined,
): JsonObject {
  if (followed === undefined) {
    return kustomization;
  }
  const real = (path: Json): Json =>
    typeof path === 'string' ? (followed.get(path) ?? path) : path;
  const fields = referring
    .filter((field) => kustomization[field] !== undefined)
    .map((field) => [field, listIn(kustomization, field).map(real)] as const);
  return { ...kustomization, ...Object.fromEntries(fields) };
}
