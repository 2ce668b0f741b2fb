import { posix } from 'node:path';
import {
  listIn,
  objectIn,
  stringIn,
  stringMapIn,
  valueIn,
  type Json,
  type JsonObject,
} from '../../policies/core/json.ts';
import type { Declared } from './argocd-application.ts';
import { joinInside, textOf, type FileTree } from './file-tree.ts';
import { kustomizationIn } from './kustomization.ts';
import type { Expansion, Recipe, Root, Substitution } from './recipe.ts';

/** Finds a ConfigMap of the same state of the repository; its data, or undefined. */
export type FindConfigMap = (
  namespace: string,
  name: string,
) => Readonly<Record<string, string>> | undefined;

/** The root of a Flux Kustomization. */
export function expandFluxKustomization(
  tree: FileTree,
  { object, file, parent, depth }: Declared,
  findConfigMap: FindConfigMap,
): Expansion {
  const { name, namespace } = fluxIdentity(object);
  const key = `${parent} > Kustomization ${namespace}/${name}`;
  const spec = objectIn(object, 'spec');
  const place = folderOf(tree, spec);
  if ('problem' in place) {
    return [{ key, file, problem: `Kustomization ${name}: ${place.problem}` }];
  }
  const own = kustomizationIn(tree, place.path);
  const recipe: Recipe = {
    type: 'kustomize',
    folder: place.path,
    extra: fluxOptions(spec),
    ...(own === undefined ? { generated: manifestsBelow(tree, place.path) } : {}),
  };
  const root: Root = { key, file, recipe, depth };
  if (valueIn(spec, 'postBuild') === undefined) {
    return [root];
  }
  const substitution = substitutionOf(spec, (map) => findConfigMap(namespace, map));
  // Flux replaces nothing, not even by defaults, where it has no variable at all.
  const replaces = !substitution.complete || Object.keys(substitution.variables).length > 0;
  return [replaces ? { ...root, substitution } : root];
}

function folderOf(
  tree: FileTree,
  spec: JsonObject,
): { readonly path: string } | { readonly problem: string } {
  const source = stringIn(spec, 'sourceRef', 'kind') ?? 'GitRepository';
  if (source !== 'GitRepository') {
    return {
      problem: `its source is a ${source}, which is not in the repository, and nothing is fetched`,
    };
  }
  const given = stringIn(spec, 'path') ?? '.';
  const path = joinInside('.', given.replace(/^\/+/u, '') || '.');
  const place = path === undefined ? undefined : tree.resolve(path);
  if (place?.type === 'missing') {
    return place;
  }
  return place?.type === 'folder'
    ? place
    : { problem: `its path ${JSON.stringify(given)} is no folder of the repository` };
}

function substitutionOf(
  spec: JsonObject,
  findConfigMap: (name: string) => Readonly<Record<string, string>> | undefined,
): Substitution {
  const variables: Record<string, string> = {};
  let complete = true;
  for (const from of listIn(spec, 'postBuild', 'substituteFrom')) {
    const isMap = stringIn(from, 'kind') === 'ConfigMap';
    const found = isMap ? findConfigMap(stringIn(from, 'name') ?? '') : undefined;
    Object.assign(variables, found);
    complete &&= found !== undefined;
  }
  for (const [name, value] of Object.entries(objectIn(spec, 'postBuild', 'substitute'))) {
    variables[name] = typeof value === 'string' ? value : JSON.stringify(value);
  }
  return { variables, complete };
}

function fluxOptions(spec: JsonObject): JsonObject {
  const extra: Record<string, Json> = {};
  for (const field of ['namePrefix', 'nameSuffix', 'patches', 'images', 'components'] as const) {
    const value = spec[field];
    if (value !== undefined) {
      extra[field] = value;
    }
  }
  const namespace = stringIn(spec, 'targetNamespace');
  const labels = stringMapIn(spec, 'commonMetadata', 'labels');
  const annotations = stringMapIn(spec, 'commonMetadata', 'annotations');
  return {
    ...extra,
    ...(namespace === undefined ? {} : { namespace }),
    ...(Object.keys(labels).length === 0 ? {} : { labels: [{ pairs: labels }] }),
    ...(Object.keys(annotations).length === 0 ? {} : { commonAnnotations: annotations }),
  };
}

/** What Flux builds where there is no kustomization: every manifest below, and kustomizations in the place of theirs. */
function manifestsBelow(tree: FileTree, folder: string): readonly string[] {
  const { files, folders } = tree.list(folder);
  const own = files
    .filter((name) => /\.ya?ml$/iu.test(name))
    .map((name) => posix.join(folder, name))
    .filter((path) => (textOf(tree, path) ?? '').includes('apiVersion'));
  const nested = folders
    .filter((name) => !name.startsWith('.'))
    .map((name) => posix.join(folder, name))
    .flatMap((path) =>
      kustomizationIn(tree, path) === undefined ? manifestsBelow(tree, path) : [path],
    );
  return [...own, ...nested];
}

/** What Flux calls an object by. */
export function fluxIdentity(object: JsonObject): {
  readonly name: string;
  readonly namespace: string;
} {
  return {
    name: stringIn(object, 'metadata', 'name') ?? '',
    namespace: stringIn(object, 'metadata', 'namespace') ?? 'default',
  };
}
