import { posix } from 'node:path';
import {
  isObject,
  listIn,
  stringIn,
  valueIn,
  type Json,
  type JsonObject,
} from '../../policies/core/json.ts';
import { joinInside, type FileEntry, type FileTree } from './file-tree.ts';
import { documentsOf } from './parsed-files.ts';

/** Everything that a kustomization reads, its bases' included. */
export interface Reach {
  readonly files: ReadonlyMap<string, FileEntry>;
  /** Folders of kustomizations that it includes, itself not. */
  readonly bases: ReadonlySet<string>;
  /** Files that hold patches. */
  readonly patches: ReadonlySet<string>;
  /** For each kustomization that names a folder through a symbolic link: what it writes, and the way to the folder. */
  readonly links: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Why it must not be built: what is remote, missing or not ours to run. */
  readonly problems: readonly ReachProblem[];
}

/** Something wrong with a kustomization, and the file that says so. */
export interface ReachProblem {
  readonly file: string;
  readonly text: string;
}

const names = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const;

/** What Kustomize reads first in a folder; undefined where there is nothing to read. */
export function kustomizationIn(tree: FileTree, folder: string): string | undefined {
  const { files } = tree.list(folder);
  const name = names.find((candidate) => files.includes(candidate));
  return name === undefined ? undefined : posix.join(folder, name);
}

/** Whether a file is what Kustomize reads first in its folder. */
export function isKustomization(tree: FileTree, path: string): boolean {
  const { base, dir } = posix.parse(path);
  return names.some((name) => name === base) && kustomizationIn(tree, dir || '.') === path;
}

/** Reads a kustomization as it stands in its folder. */
export function readKustomization(tree: FileTree, file: string): JsonObject | undefined {
  const value = documentsOf(tree, file)[0]?.value;
  return isObject(value) ? value : undefined;
}

/** Whether it can only be a part of others. */
export function isComponent(kustomization: JsonObject | undefined): boolean {
  return stringIn(kustomization, 'kind') === 'Component';
}

interface Walk {
  readonly tree: FileTree;
  readonly files: Map<string, FileEntry>;
  readonly bases: Set<string>;
  readonly patches: Set<string>;
  readonly links: Map<string, Map<string, string>>;
  readonly problems: ReachProblem[];
  readonly entered: Set<string>;
  /** Folders on the way to the current one. */
  readonly open: Set<string>;
}

/** Follows all that a kustomization refers to. `extra` is what is added to it from outside, seen from its folder. */
export function reachOf(tree: FileTree, folder: string, extra: JsonObject = {}): Reach {
  const walk = newWalk(tree);
  enter(walk, folder, extra);
  walk.bases.delete(folder);
  return walk;
}

/** The same for fields of a kustomization that is not in the folder but made for it. */
export function reachOfFields(tree: FileTree, folder: string, fields: JsonObject): Reach {
  const walk = newWalk(tree);
  visitFields(walk, folder, posix.join(folder, names[0]), fields);
  return walk;
}

function newWalk(tree: FileTree): Walk {
  return {
    tree,
    files: new Map(),
    bases: new Set(),
    patches: new Set(),
    links: new Map(),
    problems: [],
    entered: new Set(),
    open: new Set(),
  };
}

function enter(walk: Walk, folder: string, extra: JsonObject): void {
  if (walk.open.has(folder)) {
    const text = `its bases go round in a circle: ${[...walk.open, folder].slice(0, 10).join(', ')}`;
    walk.problems.push({ file: kustomizationIn(walk.tree, folder) ?? folder, text });
  }
  if (walk.entered.has(folder)) {
    return;
  }
  walk.entered.add(folder);
  walk.bases.add(folder);
  const file = kustomizationIn(walk.tree, folder);
  const at = file ?? folder;
  if (file === undefined) {
    walk.problems.push({ file: folder, text: `${folder} has no kustomization.yaml` });
    return;
  }
  addFile(walk, at, file);
  const kustomization = readKustomization(walk.tree, file);
  if (kustomization === undefined) {
    walk.problems.push({ file, text: 'it is no readable kustomization' });
    return;
  }
  walk.open.add(folder);
  for (const value of [kustomization, extra]) {
    visitFields(walk, folder, at, value);
  }
  walk.open.delete(folder);
}

function visitFields(walk: Walk, folder: string, at: string, value: JsonObject): void {
  const from = { walk, folder, at };
  for (const field of ['resources', 'bases', 'components']) {
    refer(from, field, textsIn(value, field), true);
  }
  for (const field of ['generators', 'transformers', 'validators']) {
    refer(from, field, textsIn(value, field).filter(isPath), true);
  }
  for (const field of ['crds', 'configurations']) {
    refer(from, field, textsIn(value, field), false);
  }
  refer(
    from,
    'patchesStrategicMerge',
    textsIn(value, 'patchesStrategicMerge').filter(isPath),
    false,
    walk.patches,
  );
  for (const field of ['patches', 'patchesJson6902']) {
    refer(from, field, pathsIn(value, field), false, walk.patches);
  }
  refer(from, 'replacements', pathsIn(value, 'replacements'), false);
  const openapi = stringIn(value, 'openapi', 'path');
  refer(from, 'openapi', openapi === undefined ? [] : [openapi], false);
  for (const field of ['configMapGenerator', 'secretGenerator']) {
    for (const generator of listIn(value, field)) {
      refer(from, field, generatorFiles(generator), false);
    }
  }
  for (const field of ['helmCharts', 'helmChartInflationGenerator']) {
    if (valueIn(value, field) !== undefined) {
      const text = `${field}: charts in kustomizations are not rendered; declare an Argo CD Application or a Flux HelmRelease, or commit what it renders`;
      walk.problems.push({ file: at, text });
    }
  }
}

interface From {
  readonly walk: Walk;
  readonly folder: string;
  readonly at: string;
}

function refer(
  { walk, folder, at }: From,
  field: string,
  paths: readonly string[],
  mayBeFolder: boolean,
  kind?: Set<string>,
): void {
  for (const path of paths) {
    const inside = isRemote(path) ? undefined : joinInside(folder, path);
    const place = inside === undefined ? undefined : walk.tree.resolve(inside);
    const shown = path.length > 200 ? `${path.slice(0, 200)}...` : path;
    if (inside === undefined || place === undefined) {
      const reason = isRemote(path)
        ? 'is remote, and nothing is fetched: vendor it'
        : 'leads out of the repository';
      walk.problems.push({ file: at, text: `${field}: ${shown} ${reason}` });
    } else if (place.type === 'missing') {
      walk.problems.push({ file: at, text: `${field}: ${shown}: ${place.problem}` });
    } else if (place.type === 'file') {
      addFile(walk, at, inside, place.entry);
      kind?.add(place.entry.path);
    } else if (mayBeFolder) {
      noteLink(walk, at, { path, from: folder, inside, real: place.path });
      enter(walk, place.path, {});
    } else {
      walk.problems.push({
        file: at,
        text: `${field}: ${shown} is a folder where a file is expected`,
      });
    }
  }
}

interface FolderReference {
  readonly path: string;
  readonly from: string;
  readonly inside: string;
  readonly real: string;
}

function noteLink(walk: Walk, at: string, { path, from, inside, real }: FolderReference): void {
  if (real !== inside) {
    const known = walk.links.get(at) ?? new Map<string, string>();
    walk.links.set(at, known.set(path, posix.relative(from, real)));
  }
}

/** Kept under the path by which it is referred to, so that a link is a plain file to the renderer. */
function addFile(walk: Walk, at: string, path: string, known?: FileEntry): void {
  const place =
    known === undefined ? walk.tree.resolve(path) : ({ type: 'file', entry: known } as const);
  if (place.type === 'file') {
    walk.files.set(path, place.entry);
  } else if (place.type === 'missing') {
    walk.problems.push({ file: at, text: place.problem });
  }
}

/** Whatever git or an HTTP client could be made to fetch. */
function isRemote(path: string): boolean {
  return /:\/\/|^[\w.-]+@|^git::|^[\w.-]+:|\?|^(?:github|gitlab|bitbucket)\.[a-z]+[/:]/iu.test(
    path,
  );
}

function isPath(text: string): boolean {
  return !text.includes('\n') && !/^\s*[{[]|:\s/u.test(text);
}

function textsIn(value: JsonObject, field: string): readonly string[] {
  return listIn(value, field).filter((item) => typeof item === 'string');
}

function pathsIn(value: JsonObject, field: string): readonly string[] {
  return listIn(value, field).flatMap((item) => stringIn(item, 'path') ?? []);
}

/** A file of a generator may be written `key=path`. */
function generatorFiles(generator: Json): readonly string[] {
  if (!isObject(generator)) {
    return [];
  }
  const files = textsIn(generator, 'files').map((file) => file.replace(/^[^=]*=/u, ''));
  const env = stringIn(generator, 'env');
  return [...files, ...textsIn(generator, 'envs'), ...(env === undefined ? [] : [env])];
}
