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
import { pathMatcher } from '../source/path-glob.ts';
import { textOf, type FileTree } from './file-tree.ts';
import { parseDocuments } from './parse-documents.ts';

/** The sets of params that a generator gives, or why it cannot be known here. */
export type Params = { readonly sets: readonly JsonObject[] } | { readonly problem: string };

/** What generators see. */
export interface GeneratorContext {
  readonly tree: FileTree;
  /** Params keep their structure; else they are flat texts, as for the older templates. */
  readonly goTemplate: boolean;
  /** Fills the templates in a generator with the params of the one before it, in a matrix. */
  fill(value: JsonObject, params: JsonObject): Promise<JsonObject | string>;
}

const mostSets = 2000;
const mostNesting = 3;

/** All params of a list of generators, in their order. Generators that ask a cluster or another service have none here. */
export async function paramsOf(
  context: GeneratorContext,
  generators: readonly Json[],
  depth = 0,
): Promise<Params> {
  const sets: JsonObject[] = [];
  for (const generator of generators) {
    const found = await generate(context, objectIn(generator), depth);
    if ('problem' in found) {
      return found;
    }
    sets.push(...found.sets.filter(matchesSelector(objectIn(generator, 'selector'))));
    if (sets.length > mostSets) {
      return { problem: `it makes more than ${String(mostSets)} applications` };
    }
  }
  return { sets };
}

async function generate(
  context: GeneratorContext,
  generator: JsonObject,
  depth: number,
): Promise<Params> {
  if (depth > mostNesting) {
    return { problem: 'its generators are nested too deep' };
  }
  const { list, git, matrix, merge } = generator;
  if (list !== undefined) {
    return listParams(context, objectIn(list));
  }
  if (git !== undefined) {
    return gitParams(context, objectIn(git));
  }
  if (matrix !== undefined) {
    return await matrixParams(context, listIn(matrix, 'generators'), depth + 1);
  }
  if (merge !== undefined) {
    return await mergeParams(context, objectIn(merge), depth + 1);
  }
  const name = Object.keys(generator).find((key) => key !== 'selector' && key !== 'template');
  return { problem: `what its generator ${name ?? '(none)'} gives is not known without a cluster` };
}

function listParams({ goTemplate }: GeneratorContext, list: JsonObject): Params {
  const written = stringIn(list, 'elementsYaml');
  const more = written === undefined ? [] : parseDocuments(written).documents[0]?.value;
  const elements = [...listIn(list, 'elements'), ...(Array.isArray(more) ? (more as Json[]) : [])];
  return { sets: elements.filter(isObject).map((item) => (goTemplate ? item : flatten(item))) };
}

function gitParams(context: GeneratorContext, git: JsonObject): Params {
  const { tree, goTemplate } = context;
  const values = objectIn(git, 'values');
  const prefix = stringIn(git, 'pathParamPrefix');
  const { directories, files } = git;
  const paths =
    directories === undefined
      ? matching(
          tree.entries.map(({ path }) => path),
          listIn(git, 'files'),
        )
      : matching(foldersOf(tree), listIn(git, 'directories'), false);
  const sets: JsonObject[] = [];
  for (const path of paths.toSorted()) {
    const folder = files === undefined ? path : posix.dirname(path);
    const place = pathParams(
      folder,
      files === undefined ? undefined : posix.basename(path),
      goTemplate,
      prefix,
    );
    const contents = files === undefined ? [{}] : elementsIn(textOf(tree, path) ?? '');
    for (const content of contents) {
      const own = goTemplate ? content : flatten(content);
      const extra = goTemplate ? { values } : flatten({ values });
      sets.push({ ...own, ...place, ...(Object.keys(values).length === 0 ? {} : extra) });
    }
  }
  return { sets };
}

function elementsIn(text: string): readonly JsonObject[] {
  const value = parseDocuments(text).documents[0]?.value;
  return (Array.isArray(value) ? (value as Json[]) : [value]).filter(isObject);
}

function matching(
  all: readonly string[],
  patterns: readonly Json[],
  deep = true,
): readonly string[] {
  const globsOf = (excluded: boolean): readonly string[] =>
    patterns
      .filter((pattern) => (valueIn(pattern, 'exclude') === true) === excluded)
      .flatMap((pattern) => stringIn(pattern, 'path') ?? []);
  const exact = (globs: readonly string[]): ((path: string) => boolean) => {
    const matches = pathMatcher(globs.map((glob) => (glob.includes('/') ? glob : `./${glob}`)));
    const depths = new Set(globs.filter((glob) => !glob.includes('**')).map(depthOf));
    const anyDepth = globs.some((glob) => glob.includes('**'));
    return (path) =>
      matches(path) && (anyDepth || depths.has(depthOf(path)) || (deep && depths.size === 0));
  };
  const included = exact(globsOf(false));
  const excluded = exact(globsOf(true));
  return all.filter((path) => included(path) && !excluded(path));
}

function depthOf(path: string): number {
  return path.replace(/^\.\//u, '').split('/').length;
}

function foldersOf(tree: FileTree): readonly string[] {
  const folders = new Set<string>();
  for (const { path } of tree.entries) {
    for (
      let folder = posix.dirname(path);
      folder !== '.' && !folders.has(folder);
      folder = posix.dirname(folder)
    ) {
      folders.add(folder);
    }
  }
  return [...folders].filter((folder) => !folder.split('/').some((name) => name.startsWith('.')));
}

function pathParams(
  folder: string,
  file: string | undefined,
  goTemplate: boolean,
  prefix: string | undefined,
): JsonObject {
  const segments = folder.split('/');
  const basename = posix.basename(folder);
  const names = {
    basename,
    basenameNormalized: normalize(basename),
    ...(file === undefined ? {} : { filename: file, filenameNormalized: normalize(file) }),
  };
  if (goTemplate) {
    const path = { path: folder, segments, ...names };
    return prefix === undefined ? { path } : { [prefix]: { path } };
  }
  const start = prefix === undefined ? 'path' : `${prefix}.path`;
  return {
    [start]: folder,
    ...Object.fromEntries(Object.entries(names).map(([key, name]) => [`${start}.${key}`, name])),
    ...Object.fromEntries(
      segments.map((segment, index) => [`${start}[${String(index)}]`, segment]),
    ),
  };
}

async function matrixParams(
  context: GeneratorContext,
  [first, second, ...others]: readonly Json[],
  depth: number,
): Promise<Params> {
  if (first === undefined || second === undefined || others.length > 0) {
    return { problem: 'a matrix generator needs two generators' };
  }
  const outer = await paramsOf(context, [first], depth);
  if ('problem' in outer) {
    return outer;
  }
  const sets: JsonObject[] = [];
  for (const params of outer.sets) {
    const filled = await context.fill(objectIn(second), params);
    const inner =
      typeof filled === 'string' ? { problem: filled } : await paramsOf(context, [filled], depth);
    if ('problem' in inner) {
      return inner;
    }
    sets.push(...inner.sets.map((more) => ({ ...params, ...more })));
    if (sets.length > mostSets) {
      return { problem: `it makes more than ${String(mostSets)} applications` };
    }
  }
  return { sets };
}

async function mergeParams(
  context: GeneratorContext,
  merge: JsonObject,
  depth: number,
): Promise<Params> {
  const keys = listIn(merge, 'mergeKeys').filter((key) => typeof key === 'string');
  const keyOf = (params: JsonObject): string => JSON.stringify(keys.map((key) => dig(params, key)));
  const merged = new Map<string, JsonObject>();
  for (const [index, generator] of listIn(merge, 'generators').entries()) {
    const found = await paramsOf(context, [generator], depth);
    if ('problem' in found) {
      return found;
    }
    for (const params of found.sets) {
      const key = keyOf(params);
      const known = merged.get(key);
      if (index === 0 || known !== undefined) {
        merged.set(key, { ...known, ...params });
      }
    }
  }
  return { sets: [...merged.values()] };
}

function matchesSelector(selector: JsonObject): (params: JsonObject) => boolean {
  const labels = Object.entries(objectIn(selector, 'matchLabels'));
  return (params) => labels.every(([key, value]) => dig(params, key) === value);
}

function dig(params: JsonObject, key: string): Json | undefined {
  return params[key] ?? valueIn(params, ...key.split('.'));
}

function flatten(value: JsonObject, prefix = ''): JsonObject {
  const flat: Record<string, Json> = {};
  for (const [key, item] of Object.entries(value)) {
    if (isObject(item)) {
      Object.assign(flat, flatten(item, `${prefix}${key}.`));
    } else {
      flat[`${prefix}${key}`] = typeof item === 'string' ? item : JSON.stringify(item);
    }
  }
  return flat;
}

function normalize(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^-a-z0-9.]/gu, '-')
    .slice(0, 253)
    .replaceAll(/^[-.]+|[-.]+$/gu, '');
}
