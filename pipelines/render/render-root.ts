import { isObject, stringIn } from '../../policies/core/json.ts';
import { kindNameOf } from '../../policies/core/kinds.ts';
import { pointer } from '../../policies/core/pointer.ts';
import type { FileEntry, FileTree } from './file-tree.ts';
import { textOf } from './file-tree.ts';
import { chartInputs, kustomizeInputs, type Inputs, type ReadableInputs } from './build-job.ts';
import { withNamespace } from './fill-namespace.ts';
import { hideSecrets } from './hide-secrets.ts';
import { readManifests } from './manifests.ts';
import { parseDocuments } from './parse-documents.ts';
import { postRender } from './post-render.ts';
import type { ChartRecipe, FolderRecipe, Root } from './recipe.ts';
import { renderChart } from './render-chart.ts';
import type { RenderContext } from './render-context.ts';
import { renderKustomization } from './render-kustomization.ts';
import { hashOf } from './render-cache.ts';
import type { RenderedObject, RenderedRoot } from './rendered.ts';

/** What a root reads; files of folders of plain manifests are taken as they are. */
export function inputsOf(tree: FileTree, { recipe }: Root): Inputs {
  switch (recipe.type) {
    case 'kustomize':
      return kustomizeInputs(tree, recipe);
    case 'chart':
      return chartInputs(tree, recipe);
    case 'folder':
      return folderInputs(tree, recipe);
  }
}

/** Renders a root, or finds it rendered; a root that read the same gives the very same objects. */
export async function renderRoot(
  context: RenderContext,
  root: Root,
  inputs: Inputs,
): Promise<RenderedRoot> {
  if ('problem' in inputs) {
    return inputs;
  }
  const { recipe, namespace } = root;
  const substitution = root.substitution && {
    ...root.substitution,
    variables: { ...context.variables, ...root.substitution.variables },
  };
  const values = recipe.type === 'chart' ? valuesIds(context.tree, recipe) : [];
  const read = [...inputs.files].map(([path, { id }]) => [path, id]);
  const cluster = recipe.type === 'chart' ? [context.kubeVersion, context.apiVersions] : [];
  const links = [...inputs.links].map(([file, followed]) => [file, [...followed]]);
  const key = hashOf([recipe, namespace, substitution, read, links, values, cluster]);
  return await context.cache.get(key, async () => {
    await context.load([...inputs.files.values()]);
    const filled = { ...root, ...(substitution === undefined ? {} : { substitution }) };
    const result = await renderAnew(context, filled, inputs);
    return 'problem' in result
      ? { ...result, problem: hideSecrets(result.problem, textsIn(context.tree, inputs)) }
      : result;
  });
}

async function renderAnew(
  context: RenderContext,
  root: Root,
  inputs: ReadableInputs,
): Promise<RenderedRoot> {
  const { recipe } = root;
  switch (recipe.type) {
    case 'kustomize':
      return await renderKustomization(context, recipe, inputs, root);
    case 'chart':
      return await postRender(
        context.renderer,
        await renderChart(context, recipe, inputs, root),
        recipe.postRenderers ?? [],
      );
    case 'folder':
      return readFolder(context, recipe, root);
  }
}

function textsIn(tree: FileTree, { files }: ReadableInputs): ReadonlyMap<string, string> {
  return new Map([...files.keys()].map((path) => [path, textOf(tree, path) ?? '']));
}

function readFolder(
  { tree }: RenderContext,
  { files }: FolderRecipe,
  { namespace }: Root,
): RenderedRoot {
  const objects: RenderedObject[] = [];
  for (const file of files) {
    const text = textOf(tree, file) ?? '';
    const { resources, errors } = readManifests(file, text);
    const [error] = errors;
    if (error !== undefined) {
      return { problem: `line ${String(error.line)}: ${error.text}`, file };
    }
    for (const { resource, origin } of resources) {
      objects.push({ object: withNamespace(resource.object, namespace), origin });
    }
    objects.push(...otherObjects(file, text, namespace));
  }
  return { objects };
}

/** Objects of kinds that policies do not know: what declares other roots is among them. */
function otherObjects(
  file: string,
  text: string,
  namespace: string | undefined,
): readonly RenderedObject[] {
  return parseDocuments(text).documents.flatMap(({ value, index, line, offset, text: source }) => {
    const apiVersion = stringIn(value, 'apiVersion');
    const kind = stringIn(value, 'kind');
    if (!isObject(value) || apiVersion === undefined || kind === undefined) {
      return [];
    }
    const origin = { file, line, document: index, prefix: pointer(), offset, text: source };
    return kindNameOf(apiVersion, kind) === undefined && !Array.isArray(value['items'])
      ? [{ object: withNamespace(value, namespace), origin }]
      : [];
  });
}

function folderInputs(tree: FileTree, { files }: FolderRecipe): Inputs {
  const found = new Map<string, FileEntry>();
  for (const file of files) {
    const place = tree.resolve(file);
    if (place.type === 'missing') {
      return { problem: place.problem, file };
    }
    if (place.type === 'file') {
      found.set(file, place.entry);
    }
  }
  return { files: found, patches: [], links: new Map(), bases: [] };
}

function valuesIds(tree: FileTree, { values }: ChartRecipe): readonly string[] {
  return values.map((source) => {
    const place = 'file' in source ? tree.resolve(source.file) : undefined;
    return place?.type === 'file' ? place.entry.id : '';
  });
}
