import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, normalize, resolve, sep } from 'node:path';
import type { InputError } from '../render/manifests.ts';
import { addFile, type FileSearch, type FoundFile } from './file-search.ts';
import { describeSystemError } from './read-text.ts';
import { searchFolder } from './search-folder.ts';

/** The files below some paths. */
export interface FoundFiles {
  readonly files: readonly FoundFile[];
  readonly errors: readonly InputError[];
  /** What was left out on purpose and why, for people. */
  readonly notes: readonly string[];
}

/**
 * Finds manifests: the named files, and in the named folders every `.yaml`, `.yml` and `.json` in a stable order.
 * Hidden folders, `node_modules`, linked folders, the templates of Helm charts and what `isIgnored` says are left out.
 */
export function findFiles(
  paths: readonly string[],
  isIgnored: (path: string) => boolean,
): FoundFiles {
  const search: FileSearch = { files: new Map(), errors: [], notes: [], isIgnored };
  for (const path of paths) {
    findNamed(path, search);
  }
  return { files: [...search.files.values()], errors: search.errors, notes: search.notes };
}

function findNamed(path: string, search: FileSearch): void {
  const shown = slashed(normalize(path));
  try {
    if (statSync(path).isDirectory()) {
      searchFolder(shown, search);
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
  addFile({ file: shown, named: true, linked: false }, search);
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
