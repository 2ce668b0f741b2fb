import { posix } from 'node:path';

/** A file or symbolic link of a tree; the same id is the same content. */
export interface FileEntry {
  readonly path: string;
  readonly id: string;
  readonly bytes: number;
  readonly type: 'file' | 'link';
}

/** What a path leads to once all symbolic links are followed, or why it leads nowhere. */
export type Place =
  | { readonly type: 'file'; readonly entry: FileEntry }
  | { readonly type: 'folder'; readonly path: string }
  | { readonly type: 'missing'; readonly problem: string };

/** One state of a repository, as the renderers may see it: nothing outside of it exists. */
export interface FileTree {
  /** Files by path, as git sorts them. */
  readonly entries: readonly FileEntry[];
  /** Follows symbolic links, inside the tree only. Paths go from its root; '.' is the root. */
  resolve(path: string): Place;
  /** Names directly in a folder, given by its real path. */
  list(folder: string): { readonly files: readonly string[]; readonly folders: readonly string[] };
  /** Files and links anywhere below a folder, given by its real path. */
  below(folder: string): readonly FileEntry[];
  /** A file's content, where it was read. */
  content(entry: FileEntry): Buffer | undefined;
}

interface Folder {
  readonly files: Map<string, FileEntry>;
  readonly folders: Map<string, Folder>;
}

const mostLinks = 40;

/** The contents of files by their ids, as far as they are known yet. */
export interface Contents {
  get(id: string): Buffer | undefined;
}

/** Makes the tree of a list of files; `contents` may still be filled afterwards. */
export function createFileTree(entries: readonly FileEntry[], contents: Contents): FileTree {
  const root: Folder = { files: new Map(), folders: new Map() };
  for (const entry of entries) {
    insert(root, entry);
  }
  return {
    entries,
    resolve: (path) => resolve(root, contents, path),
    list(folder) {
      const found = walk(root, folder);
      return {
        files: [...(found?.files.keys() ?? [])],
        folders: [...(found?.folders.keys() ?? [])],
      };
    },
    below: (folder) => collect(walk(root, folder)),
    content: ({ id }) => contents.get(id),
  };
}

/** The content as text, as far as it is UTF-8. */
export function textOf(tree: FileTree, path: string): string | undefined {
  const place = tree.resolve(path);
  const text = place.type === 'file' ? tree.content(place.entry)?.toString('utf8') : undefined;
  return text?.startsWith('\uFEFF') === true ? text.slice(1) : text;
}

/** Joins a path of the tree with a relative one; undefined where it leaves the tree or is absolute. */
export function joinInside(folder: string, path: string): string | undefined {
  const joined = posix.normalize(posix.join(folder, path)).replace(/(?<=.)\/$/u, '');
  const leaves = joined === '..' || joined.startsWith('../') || path.startsWith('/');
  return leaves || path.includes('\0') ? undefined : joined;
}

function insert(root: Folder, entry: FileEntry): void {
  const names = entry.path.split('/');
  const file = names.pop() ?? '';
  let folder = root;
  for (const name of names) {
    const next: Folder = folder.folders.get(name) ?? { files: new Map(), folders: new Map() };
    folder.folders.set(name, next);
    folder = next;
  }
  folder.files.set(file, entry);
}

function walk(root: Folder, path: string): Folder | undefined {
  let folder: Folder | undefined = root;
  for (const name of namesOf(path)) {
    folder = folder?.folders.get(name);
  }
  return folder;
}

function collect(folder: Folder | undefined): readonly FileEntry[] {
  if (folder === undefined) {
    return [];
  }
  return [...folder.files.values(), ...[...folder.folders.values()].flatMap(collect)];
}

function resolve(root: Folder, contents: Contents, path: string): Place {
  let rest = namesOf(path);
  let folder = root;
  let real: readonly string[] = [];
  for (let links = 0; ;) {
    const [name, ...others] = rest;
    if (name === undefined) {
      return { type: 'folder', path: real.join('/') || '.' };
    }
    const next = folder.folders.get(name);
    const entry = folder.files.get(name);
    if (next !== undefined) {
      [folder, real, rest] = [next, [...real, name], others];
    } else if (entry?.type === 'link') {
      links += 1;
      const target = joinInside(real.join('/') || '.', linkTarget(entry, contents));
      if (target === undefined || links > mostLinks) {
        return {
          type: 'missing',
          problem: `${entry.path} is a symbolic link out of the repository, or around in a circle: only files of the repository are read`,
        };
      }
      [folder, real, rest] = [root, [], [...namesOf(target), ...others]];
    } else {
      return entry !== undefined && others.length === 0
        ? { type: 'file', entry }
        : { type: 'missing', problem: `there is no ${path.slice(0, 200)} in the repository` };
    }
  }
}

function namesOf(path: string): readonly string[] {
  return path === '.' ? [] : path.split('/');
}

function linkTarget({ id }: FileEntry, contents: Contents): string {
  return contents.get(id)?.toString('utf8') ?? '/';
}
