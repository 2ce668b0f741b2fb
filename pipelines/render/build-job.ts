import { isUtf8 } from 'node:buffer';
import { posix } from 'node:path';
import { isObject, stringIn, type Json, type JsonObject } from '../../policies/core/json.ts';
import { pathMatcher } from '../source/path-glob.ts';
import { aliasProblem } from '../../policies/core/aliases.ts';
import { textOf, type FileEntry, type FileTree } from './file-tree.ts';
import { kustomizationIn, reachOf, reachOfFields, type Reach } from './kustomization.ts';
import { localDependencies } from './chart-dependencies.ts';
import type { Layer } from './manifests.ts';
import { parseDocuments } from './parse-documents.ts';
import type { ChartRecipe, KustomizeRecipe } from './recipe.ts';
import type { JobFiles } from './wasm-jobs.ts';

/** What a root reads, and the files of patches among it. */
export interface ReadableInputs {
  readonly files: ReadonlyMap<string, FileEntry>;
  readonly patches: readonly string[];
  /** Of kustomizations; see {@link Reach}. */
  readonly links: Reach['links'];
  /** Folders that take part, its own included. */
  readonly bases: readonly string[];
}

/** What a root reads, or why it must not be rendered. */
export type Inputs = ReadableInputs | { readonly problem: string; readonly file: string };

/** All that a kustomization reads, when that is inside the repository and harmless. */
export function kustomizeInputs(tree: FileTree, recipe: KustomizeRecipe): Inputs {
  const { folder, generated, extra } = recipe;
  if (generated !== undefined) {
    return generatedInputs(tree, recipe, generated);
  }
  const { files, patches, links, bases, problems } = reachOf(tree, folder, extra);
  const [problem] = problems;
  return problem === undefined
    ? { files, patches: [...patches], links, bases: [...bases, folder] }
    : { problem: problem.text, file: problem.file };
}

/** All files of a chart, when they are inside the repository and harmless. */
export function chartInputs(tree: FileTree, recipe: ChartRecipe): Inputs {
  const { folder } = recipe;
  const files = new Map<string, FileEntry>();
  const problem = addChart(tree, folder, files);
  if (problem !== undefined) {
    return problem;
  }
  let beside: ReturnType<typeof addChart>;
  const local = localDependencies(tree, folder, (path) => {
    const own = new Map<string, FileEntry>();
    beside ??= addChart(tree, path, own);
    return own;
  });
  if (beside !== undefined) {
    return beside;
  }
  for (const [path, entry] of local.files) {
    files.set(path, entry);
  }
  for (const [path, entry] of files) {
    const reference =
      posix.basename(path) === 'values.schema.json'
        ? foreignReference(textOf(tree, entry.path))
        : undefined;
    if (reference !== undefined) {
      return {
        problem: `$ref ${reference} leads out of the schema, and nothing is fetched`,
        file: path,
      };
    }
  }
  return { files, patches: [], links: new Map(), bases: [folder, ...local.folders] };
}

/** Adds the files of one chart, or says why they must not be read. */
function addChart(
  tree: FileTree,
  folder: string,
  files: Map<string, FileEntry>,
): { readonly problem: string; readonly file: string } | undefined {
  const isIgnored = ignoredBy(textOf(tree, posix.join(folder, '.helmignore')) ?? '');
  for (const { path } of tree.below(folder)) {
    if (isIgnored(posix.relative(folder, path))) {
      continue;
    }
    const place = tree.resolve(path);
    if (place.type === 'missing') {
      return { problem: place.problem, file: path };
    }
    if (place.type === 'file') {
      files.set(path, place.entry);
      continue;
    }
    for (const entry of tree.below(place.path)) {
      files.set(posix.join(path, posix.relative(place.path, entry.path)), entry);
    }
  }
  return undefined;
}

/** The files as the renderer takes them. Gives the first one whose aliases would be too much for it. */
export function jobFiles(
  tree: FileTree,
  files: ReadonlyMap<string, FileEntry>,
): JobFiles | { readonly problem: string; readonly file: string } {
  const texts: Record<string, string> = {};
  const binaries: Record<string, string> = {};
  for (const [path, entry] of files) {
    const content = tree.content(entry);
    if (content === undefined) {
      return { problem: 'its content is missing, or too large to be read', file: path };
    }
    if (!isUtf8(content)) {
      binaries[path] = content.toString('base64');
      continue;
    }
    const text = content.toString('utf8');
    const problem = bombIn(path, text);
    if (problem !== undefined) {
      return { problem, file: path };
    }
    texts[path] = text;
  }
  return { texts, binaries };
}

function generatedInputs(
  tree: FileTree,
  { folder, extra }: KustomizeRecipe,
  generated: readonly string[],
): Inputs {
  const outer = reachOfFields(tree, folder, extra);
  const [problem] = outer.problems;
  if (problem !== undefined) {
    return { problem: problem.text, file: problem.file };
  }
  const files = new Map(outer.files);
  const patches = [...outer.patches];
  const bases = [...outer.bases];
  const links = new Map(outer.links);
  for (const path of generated) {
    const place = tree.resolve(path);
    if (place.type === 'file') {
      files.set(path, place.entry);
    } else if (place.type === 'folder' && kustomizationIn(tree, place.path) !== undefined) {
      const inner = kustomizeInputs(tree, { type: 'kustomize', folder: place.path, extra: {} });
      if ('problem' in inner) {
        return inner;
      }
      for (const [name, entry] of inner.files) {
        files.set(name, entry);
      }
      patches.push(...inner.patches);
      bases.push(...inner.bases);
      for (const [name, followed] of inner.links) {
        links.set(name, followed);
      }
    } else if (place.type === 'missing') {
      return { problem: place.problem, file: folder };
    }
  }
  return { files, patches, links, bases };
}

/** A file that may have set fields of what a root makes. */
export function layerOf(tree: FileTree, file: string): Layer {
  return { file, text: textOf(tree, file) ?? '' };
}

function bombIn(path: string, text: string): string | undefined {
  if (!/\.(?:ya?ml|json)$/iu.test(path) || !text.includes('&') || !text.includes('*')) {
    return undefined;
  }
  const bomb = parseDocuments(text).problems.find((problem) => problem.text.includes('aliases'));
  return bomb === undefined ? undefined : `line ${String(bomb.line)}: ${bomb.text}`;
}

/** A `$ref` of a JSON Schema to anything but the schema itself. */
function foreignReference(text: string | undefined): string | undefined {
  const schema = parseDocuments(text ?? '').documents[0]?.value;
  if (aliasProblem(schema) !== undefined) {
    return '(too large)';
  }
  const pending: Json[] = schema === undefined ? [] : [schema];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    const reference = stringIn(value, '$ref');
    if (reference !== undefined && !reference.startsWith('#')) {
      return reference.slice(0, 200);
    }
    if (isObject(value) || Array.isArray(value)) {
      pending.push(...Object.values(value as JsonObject));
    }
  }
  return undefined;
}

/** The plain patterns of a `.helmignore`; exceptions (`!`) are passed over, so that too much is read, not too little. */
function ignoredBy(text: string): (path: string) => boolean {
  const patterns = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (patterns.some((line) => line.startsWith('!'))) {
    return () => false;
  }
  return pathMatcher(patterns.map((line) => line.replace(/^\//u, './')));
}
