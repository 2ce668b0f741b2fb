import { readdirSync, statSync, type Dirent } from 'node:fs';
import { addFile, type FileSearch } from './file-search.ts';
import { describeSystemError } from './read-text.ts';

const manifestName = /\.(?:ya?ml|json)$/iu;

/** Searches a folder and those below it for manifests, in the order of their names. */
export function searchFolder(folder: string, search: FileSearch): void {
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
      searchFolder(path, search);
    }
  }
}

function isVisible(folder: string): boolean {
  return !folder.startsWith('.') && folder !== 'node_modules';
}

function visitFile(entry: Dirent, path: string, search: FileSearch): void {
  if (!manifestName.test(entry.name)) {
    return;
  }
  if (entry.isSymbolicLink() && isFolder(path)) {
    search.notes.push(`${path}: a link to a folder is not followed`);
    return;
  }
  addFile({ file: path, named: false, linked: entry.isSymbolicLink() }, search);
}

/** False too where a link leads nowhere or around in circles: reading it will tell. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
