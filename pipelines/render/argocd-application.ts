import { posix } from 'node:path';
import {
  isObject,
  listIn,
  objectIn,
  stringIn,
  valueIn,
  type Json,
  type JsonObject,
} from '../../policies/core/json.ts';
import { nestedValue } from './chart-values.ts';
import { joinInside, textOf, type FileTree } from './file-tree.ts';
import { kustomizationIn } from './kustomization.ts';
import { pathMatcher } from '../source/path-glob.ts';
import type { Expansion, FailedRoot, Recipe, Root, ValuesSource } from './recipe.ts';

/** Where a declaration was found. */
export interface Declared {
  readonly object: JsonObject;
  /** Path of the file that holds it, or of what made it. */
  readonly file: string;
  /** Key of the root that made it, else the file. */
  readonly parent: string;
  readonly depth: number;
}

/** The roots of an Argo CD Application: one for each of its sources that has manifests. */
export function expandApplication(tree: FileTree, declared: Declared): Expansion {
  const { object, file, parent, depth } = declared;
  const key = `${parent} > Application ${nameOf(object)}`;
  const spec = objectIn(object, 'spec');
  const several = listIn(spec, 'sources').filter(isObject);
  const single = valueIn(spec, 'sourceHydrator', 'drySource') ?? valueIn(spec, 'source');
  const sources = several.length > 0 ? several : [single].filter(isObject);
  const namespace = stringIn(spec, 'destination', 'namespace');
  const application = stringIn(object, 'metadata', 'name') ?? '';
  return sources.flatMap((source, index): Expansion => {
    const rootKey = index === 0 ? key : `${key} source ${String(index)}`;
    if (stringIn(source, 'path') === undefined && stringIn(source, 'chart') === undefined) {
      return [];
    }
    const recipe = recipeOf({
      tree,
      source,
      sources,
      application,
      namespace: namespace ?? 'default',
    });
    if (typeof recipe === 'string') {
      const folder = joinInside('.', stringIn(source, 'path') ?? '');
      const failed: FailedRoot = {
        key: rootKey,
        file,
        problem: `Application ${application}: ${recipe}`,
      };
      return [folder === undefined ? failed : { ...failed, folder }];
    }
    const root: Root = { key: rootKey, file, recipe, depth };
    return [namespace === undefined ? root : { ...root, namespace }];
  });
}

interface Source {
  readonly tree: FileTree;
  readonly source: JsonObject;
  readonly sources: readonly JsonObject[];
  readonly application: string;
  readonly namespace: string;
}

function recipeOf(from: Source): Recipe | string {
  const { tree, source } = from;
  const chart = stringIn(source, 'chart');
  if (chart !== undefined) {
    return `the chart ${chart} is remote, and nothing is fetched: vendor it into the repository`;
  }
  if (valueIn(source, 'plugin') !== undefined) {
    return 'config management plugins are not run';
  }
  const path = joinInside('.', stringIn(source, 'path') ?? '');
  if (path === undefined) {
    return `its path ${JSON.stringify(stringIn(source, 'path'))} leads out of the repository`;
  }
  const place = tree.resolve(path);
  if (place.type !== 'folder') {
    return place.type === 'missing' ? place.problem : `its path ${path} is a file, not a folder`;
  }
  const folder = place.path;
  if (tree.list(folder).files.includes('Chart.yaml')) {
    return chartRecipe(from, folder);
  }
  if (kustomizationIn(tree, folder) !== undefined) {
    return { type: 'kustomize', folder, extra: kustomizeOptions(objectIn(source, 'kustomize')) };
  }
  const { files, jsonnet } = manifestsIn(tree, folder, objectIn(source, 'directory'));
  return jsonnet === undefined
    ? { type: 'folder', files }
    : `Jsonnet is not run: commit what ${jsonnet} makes`;
}

function chartRecipe(
  { tree, source, sources, application, namespace }: Source,
  folder: string,
): Recipe | string {
  const helm = objectIn(source, 'helm');
  const values: ValuesSource[] = [];
  for (const item of listIn(helm, 'valueFiles')) {
    const file = typeof item === 'string' ? valueFile(folder, item, sources) : undefined;
    if (file === undefined) {
      return `its value file ${JSON.stringify(item).slice(0, 200)} is not in the repository, and nothing is fetched`;
    }
    const found = tree.resolve(file);
    if (found.type === 'missing' && valueIn(helm, 'ignoreMissingValueFiles') !== true) {
      return `value file: ${found.problem}`;
    }
    values.push({ file, optional: true });
  }
  const inline = stringIn(helm, 'values');
  const object = valueIn(helm, 'valuesObject');
  if (isObject(object)) {
    values.push({ text: JSON.stringify(object) });
  } else if (inline !== undefined) {
    values.push({ text: inline });
  }
  const fromFiles = fileParameters(tree, folder, helm);
  if (typeof fromFiles === 'string') {
    return fromFiles;
  }
  const parameters = listIn(helm, 'parameters').map((parameter) => ({
    name: stringIn(parameter, 'name') ?? '',
    value: scalarText(valueIn(parameter, 'value')),
    string: valueIn(parameter, 'forceString') === true,
  }));
  return {
    type: 'chart',
    folder,
    release: stringIn(helm, 'releaseName') ?? application,
    namespace: stringIn(helm, 'namespace') ?? namespace,
    values: [...values, ...fromFiles],
    sets: parameters,
  };
}

/** Values that are the whole text of a file. */
function fileParameters(
  tree: FileTree,
  folder: string,
  helm: JsonObject,
): readonly ValuesSource[] | string {
  const values: ValuesSource[] = [];
  for (const parameter of listIn(helm, 'fileParameters')) {
    const path = stringIn(parameter, 'path') ?? '';
    const file = joinInside(folder, path);
    const text = file === undefined ? undefined : textOf(tree, file);
    if (text === undefined) {
      return `its file parameter ${JSON.stringify(path).slice(0, 200)} is not in the repository, and nothing is fetched`;
    }
    values.push({ text: nestedValue(stringIn(parameter, 'name') ?? '', text) });
  }
  return values;
}

/** `$name/path` goes from the root of the source that calls itself so; all sources are this repository. */
function valueFile(
  folder: string,
  path: string,
  sources: readonly JsonObject[],
): string | undefined {
  if (/^[a-z][a-z+.-]*:/iu.test(path)) {
    return undefined;
  }
  const reference = /^\$([^/]+)\/(.*)$/su.exec(path);
  if (reference !== null) {
    const known = sources.some((source) => stringIn(source, 'ref') === reference[1]);
    return known ? joinInside('.', reference[2] ?? '') : undefined;
  }
  return path.startsWith('/') ? joinInside('.', path.slice(1)) : joinInside(folder, path);
}

/** What `spec.source.kustomize` adds, as fields of a kustomization. */
function kustomizeOptions(options: JsonObject): JsonObject {
  const extra: Record<string, Json> = {};
  for (const field of [
    'namePrefix',
    'nameSuffix',
    'namespace',
    'patches',
    'components',
    'replicas',
  ] as const) {
    const value = options[field];
    if (value !== undefined) {
      extra[field] = value;
    }
  }
  const labels = objectIn(options, 'commonLabels');
  if (Object.keys(labels).length > 0) {
    const includeSelectors = options['labelWithoutSelector'] !== true;
    extra['labels'] = [{ pairs: labels, includeSelectors }];
  }
  if (options['commonAnnotations'] !== undefined) {
    extra['commonAnnotations'] = options['commonAnnotations'];
  }
  const images = listIn(options, 'images').flatMap((image) =>
    typeof image === 'string' ? [imageOverride(image)] : [],
  );
  return images.length === 0 ? extra : { ...extra, images };
}

/** `name=newName:tag`, `name:tag` or `name@digest`. */
function imageOverride(text: string): JsonObject {
  const [left = '', right] = text.split('=', 2);
  const target = right ?? left;
  const match = /^(?<image>.*?)(?:@(?<digest>[^/]+)|:(?<tag>[^/:]+))?$/su.exec(target);
  const { image = target, digest, tag } = match?.groups ?? {};
  return {
    name: right === undefined ? image : left,
    ...(right === undefined ? {} : { newName: image }),
    ...(tag === undefined ? {} : { newTag: tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

function manifestsIn(
  tree: FileTree,
  folder: string,
  options: JsonObject,
): { readonly files: readonly string[]; readonly jsonnet: string | undefined } {
  const recurse = options['recurse'] === true;
  const include = globs(stringIn(options, 'include'));
  const exclude = globs(stringIn(options, 'exclude'));
  const paths = tree
    .below(folder)
    .map(({ path }) => path)
    .filter((path) => /\.(?:ya?ml|json|jsonnet)$/iu.test(path))
    .filter((path) => recurse || posix.dirname(path) === folder)
    .filter((path) => include?.(posix.relative(folder, path)) !== false)
    .filter((path) => exclude?.(posix.relative(folder, path)) !== true);
  return {
    files: paths.filter((path) => !path.endsWith('.jsonnet')),
    jsonnet: paths.find((path) => path.endsWith('.jsonnet')),
  };
}

function globs(text: string | undefined): ((path: string) => boolean) | undefined {
  if (text === undefined || text === '') {
    return undefined;
  }
  return pathMatcher(/^\{.*\}$/su.test(text) ? text.slice(1, -1).split(',') : [text]);
}

function nameOf(object: JsonObject): string {
  const { name, namespace } = objectIn(object, 'metadata');
  return `${typeof namespace === 'string' ? namespace : ''}/${typeof name === 'string' ? name : ''}`;
}

function scalarText(value: Json = ''): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
