import { posix } from 'node:path';
import type { RenderedFolder } from '../../policies/core/settings.ts';
import { joinInside, type FileTree } from './file-tree.ts';
import { kustomizationIn } from './kustomization.ts';
import type { FailedRoot, Root } from './recipe.ts';
import { releaseNameFor } from './lone-roots.ts';

/** What is said of a folder that the configuration wants rendered and that is not there. */
export const missingConfigured =
  'there is no such folder: correct render.roots in meshgate.yaml, or remove the entry';

/** The root that the configuration asks for; undefined where this state of the repository has no such folder. */
export function configuredRoot(
  tree: FileTree,
  configured: RenderedFolder,
  index: number,
): Root | FailedRoot | undefined {
  const place = tree.resolve(joinInside('.', configured.path) ?? '.');
  if (place.type !== 'folder') {
    return undefined;
  }
  const folder = place.path;
  const { namespace } = configured;
  const isChart = tree.list(folder).files.includes('Chart.yaml');
  const kustomization = kustomizationIn(tree, folder);
  const file = isChart ? posix.join(folder, 'Chart.yaml') : (kustomization ?? folder);
  const key = `${file} > render.roots ${String(index)}`;
  const filled = namespace === undefined ? {} : { namespace };
  if (isChart) {
    return { key, file, recipe: chartRecipe(folder, configured), depth: 0, ...filled };
  }
  return kustomization === undefined || configured.values !== undefined
    ? { key, file, folder, problem: problemOf(configured, kustomization) }
    : { key, file, recipe: { type: 'kustomize', folder, extra: {} }, depth: 0, ...filled };
}

function chartRecipe(
  folder: string,
  { release, namespace, values = [], kubeVersion, apiVersions }: RenderedFolder,
): Extract<Root['recipe'], { readonly type: 'chart' }> {
  return {
    type: 'chart',
    folder,
    release: release ?? releaseNameFor(folder),
    namespace: namespace ?? 'default',
    values: values.map((file) => ({ file: joinInside('.', file) ?? file })),
    sets: [],
    ...(kubeVersion === undefined ? {} : { kubeVersion }),
    ...(apiVersions === undefined ? {} : { apiVersions }),
  };
}

function problemOf({ path }: RenderedFolder, kustomization: string | undefined): string {
  return kustomization === undefined
    ? `${path} has neither a Chart.yaml nor a kustomization: correct render.roots in meshgate.yaml`
    : `${path} is a kustomization, which takes no values: correct render.roots in meshgate.yaml`;
}
