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
import {
  flatten,
  mostNesting,
  type GeneratorContext,
  type Params,
} from './applicationset-params.ts';
import { textOf, type FileTree } from './file-tree.ts';
import { parseDocuments } from './parse-documents.ts';

/** The params of a git generator: of folders, or of files and what is in them. */
export async function gitParams(context: GeneratorContext, git: JsonObject): Promise<Params> {
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
      const params = { ...(goTemplate ? content : flatten(content)), ...place };
      const extra = await extraParams(context, values, params);
      if (typeof extra === 'string') {
        return { problem: extra };
      }
      sets.push({ ...params, ...extra });
    }
  }
  return { sets };
}

/** Values of the generator's own, in which its other params may be named. */
async function extraParams(
  context: GeneratorContext,
  values: JsonObject,
  params: JsonObject,
): Promise<JsonObject | string> {
  if (Object.keys(values).length === 0) {
    return {};
  }
  const own: JsonObject = { values };
  const filled = await context.fillTemplates(own, params);
  return typeof filled === 'string' || context.goTemplate ? filled : flatten(filled);
}

function elementsIn(text: string): readonly JsonObject[] {
  const value = parseDocuments(text).documents[0]?.value;
  return (Array.isArray(value) ? (value as Json[]) : [value]).filter(isObject);
}

/** Folders that a set's git generators would take and leave out by name: nothing of them is applied. */
export function excludedFolders(tree: FileTree, set: JsonObject): readonly string[] {
  return directoryLists(listIn(set, 'spec', 'generators'), 0).flatMap((patterns) => {
    const included = patterns.filter((pattern) => valueIn(pattern, 'exclude') !== true);
    if (included.length === patterns.length) {
      return [];
    }
    const folders = foldersOf(tree);
    const taken = new Set(matching(folders, patterns, false));
    return matching(folders, included, false).filter((folder) => !taken.has(folder));
  });
}

function directoryLists(generators: readonly Json[], depth: number): readonly (readonly Json[])[] {
  return generators.flatMap((generator) => [
    listIn(generator, 'git', 'directories'),
    ...(['matrix', 'merge'] as const).flatMap((kind) =>
      depth < mostNesting ? directoryLists(listIn(generator, kind, 'generators'), depth + 1) : [],
    ),
  ]);
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

function normalize(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^-a-z0-9.]/gu, '-')
    .slice(0, 253)
    .replaceAll(/^[-.]+|[-.]+$/gu, '');
}
