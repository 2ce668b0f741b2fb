import { posix } from 'node:path';
import type { FileTree } from './file-tree.ts';
import { isLibrary, type Layout } from './layout.ts';
import type { Root } from './recipe.ts';

/** Kustomizations and charts that nothing uses yet: they are rendered as they are. */
export function loneRoots(
  tree: FileTree,
  layout: Layout,
  used: ReadonlySet<string>,
): readonly Root[] {
  const kustomizations = layout.topKustomizations
    .filter((folder) => !used.has(folder))
    .map((folder): Root => {
      const file = posix.join(folder, 'kustomization.yaml');
      return { key: file, file, recipe: { type: 'kustomize', folder, extra: {} }, depth: 0 };
    });
  const charts = layout.charts
    .filter((folder) => !used.has(folder) && !isLibrary(tree, folder))
    .flatMap((folder) => chartRoots(folder, tree.list(folder).files));
  return [...kustomizations, ...charts];
}

/** A chart that nobody releases: with each `values-<name>.yaml` beside it, else as it comes. */
function chartRoots(folder: string, files: readonly string[]): readonly Root[] {
  const file = posix.join(folder, 'Chart.yaml');
  const release = releaseNameFor(folder);
  const variants = files.filter((name) => /^values[-.].+\.ya?ml$/iu.test(name));
  return [undefined, ...variants].slice(variants.length === 0 ? 0 : 1).map((variant): Root => ({
    key: variant === undefined ? file : `${file} > ${variant}`,
    file,
    recipe: {
      type: 'chart',
      folder,
      release,
      namespace: 'default',
      values: variant === undefined ? [] : [{ file: posix.join(folder, variant) }],
      sets: [],
    },
    depth: 0,
  }));
}

/** The name of a release that nobody names: the folder's, as far as it is one. */
export function releaseNameFor(folder: string): string {
  const name = posix.basename(folder).toLowerCase();
  return name.replaceAll(/[^a-z0-9-]/gu, '-').replaceAll(/^-+|-+$/gu, '') || 'release';
}
