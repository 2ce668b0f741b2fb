import { existsSync, readdirSync, statSync, type Dirent } from 'node:fs';
import { basename, dirname, join, normalize, resolve, sep } from 'node:path';
import type { InputError } from '../render/manifests.ts';
import { describeSystemError } from './read-text.ts';

/** A file to read. */
export interface FoundFile {
  /** The path as people know it: from the folder or file that was named, written with `/`. */
  readonly file: string;
  /** Named itself, not found in a folder. */
  readonly named: boolean;
  /** Reached through a symbolic link. */
  readonly linked: boolean;
}

/** The files below some paths. */
export interface FoundFiles {
  readonly files: readonly FoundFile[];
  readonly errors: readonly InputError[];
  /** What was left out on purpose and why, for people. */
  readonly notes: readonly string[];
}

const manifestName = /\.(?:ya?ml|json)$/iu;

/**
 * Finds manifests: the named files, and in the named folders every `.yaml`, `.yml` and `.json` in a stable order.
 * Hidden folders, `node_modules`, linked folders, the templates of Helm charts and what `isIgnored` says are left out.
 */
export function findFiles(
  paths: readonly string[],
  isIgnored: (path: string) => boolean,
): FoundFiles {
  const search: Search = { files: new Map(), errors: [], notes: [], isIgnored };
  for (const path of paths) {
    findNamed(path, search);
  }
  return { files: [...search.files.values()], errors: search.errors, notes: search.notes };
}

interface Search {
  readonly files: Map<string, FoundFile>;
  readonly errors: InputError[];
  readonly notes: string[];
  readonly isIgnored: (path: string) => boolean;
}

function findNamed(path: string, search: Search): void {
  const shown = slashed(normalize(path));
  try {
    if (statSync(path).isDirectory()) {
      walk(shown, search);
      return;
    }
  } catch (error) {
    search.errors.push({ file: shown, line: 1, text: describeSystemError(error) });
    return;
  }
  if (isChartTemplate(path)) {
    search.notes.push(templateNote(shown));
    return;
  }
  add({ file: shown, named: true, linked: false }, search);
}

function walk(folder: string, search: Search): void {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    search.errors.push({ file: folder, line: 1, text: describeSystemError(error) });
    return;
  }
  const isChart = entries.some(({ name }) => name === 'Chart.yaml');
  const inFolder = folder === '.' ? '' : `${folder.replace(/\/$/u, '')}/`;
  for (const entry of entries.toSorted((left, right) => (left.name < right.name ? -1 : 1))) {
    const path = `${inFolder}${entry.name}`;
    if (search.isIgnored(path)) {
      continue;
    }
    if (!entry.isDirectory()) {
      visitFile(entry, path, search);
    } else if (!(isChart && entry.name === 'templates') && isVisible(entry.name)) {
      walk(path, search);
    }
  }
}

function isVisible(folder: string): boolean {
  return !folder.startsWith('.') && folder !== 'node_modules';
}

function visitFile(entry: Dirent, path: string, search: Search): void {
  if (!manifestName.test(entry.name)) {
    return;
  }
  if (entry.isSymbolicLink() && isFolder(path)) {
    search.notes.push(`${path}: a link to a folder is not followed`);
    return;
  }
  add({ file: path, named: false, linked: entry.isSymbolicLink() }, search);
}

/** False too where a link leads nowhere or around in circles: reading it will tell. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function add(found: FoundFile, search: Search): void {
  const key = resolve(found.file);
  if (found.named || !search.files.has(key)) {
    search.files.set(key, found);
  }
}

function isChartTemplate(path: string): boolean {
  let folder = dirname(resolve(path));
  while (folder !== dirname(folder)) {
    if (basename(folder) === 'templates' && existsSync(join(folder, '..', 'Chart.yaml'))) {
      return true;
    }
    folder = dirname(folder);
  }
  return false;
}

function templateNote(path: string): string {
  return `${path}: a Helm template is left out by itself; check the folder of its chart`;
}

function slashed(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}
