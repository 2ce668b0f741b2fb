import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  type Dirent,
} from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { createFileTree, type FileEntry, type FileTree } from '../render/file-tree.ts';
import { largestFileBytes } from './read-text.ts';

/** A folder as a tree, and where it is. */
export interface FolderTree {
  /** An absolute path. */
  readonly root: string;
  readonly tree: FileTree;
}

const mostFiles = 200_000;

/** The folder that bounds what a path may refer to: that of its repository, else the path itself. */
export function boundaryOf(path: string): string {
  const start = resolve(path);
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) {
      return folder;
    }
    if (folder === dirname(folder)) {
      return isFolder(start) ? start : dirname(start);
    }
  }
}

/** The files below a folder, without `.git` and `node_modules`. Contents are read when they are asked for. */
export function readFolderTree(root: string): FolderTree {
  const entries: FileEntry[] = [];
  const pending = [''];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const entry of listFolder(join(root, folder))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (entry.name !== '.git' && entry.name !== 'node_modules') {
          pending.push(path);
        }
      } else if (entry.isFile() || entry.isSymbolicLink()) {
        entries.push({ path, id: path, bytes: 0, type: entry.isFile() ? 'file' : 'link' });
      }
    }
    if (entries.length > mostFiles) {
      break;
    }
  }
  const links = new Set(entries.filter(({ type }) => type === 'link').map(({ path }) => path));
  const contents = new Map<string, Buffer | undefined>();
  const get = (path: string): Buffer | undefined => {
    if (!contents.has(path)) {
      contents.set(
        path,
        links.has(path) ? readLink(join(root, path)) : readSmall(join(root, path)),
      );
    }
    return contents.get(path);
  };
  return { root, tree: createFileTree(entries, { get }) };
}

/** A path as the tree has it, undefined outside of it. */
export function pathInTree({ root }: FolderTree, path: string): string | undefined {
  const inside = relative(root, resolve(path)).replaceAll(sep, '/');
  return inside === '..' || inside.startsWith('../') ? undefined : inside || '.';
}

function listFolder(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).toSorted((left, right) =>
      left.name < right.name ? -1 : 1,
    );
  } catch {
    // What cannot be listed is missing to those who refer to it, and they say so.
    return [];
  }
}

function readSmall(path: string): Buffer | undefined {
  try {
    return statSync(path).size > largestFileBytes ? undefined : readFileSync(path);
  } catch {
    return undefined;
  }
}

function readLink(path: string): Buffer | undefined {
  try {
    return Buffer.from(readlinkSync(path));
  } catch {
    return undefined;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
