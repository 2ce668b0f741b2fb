import { posix } from 'node:path';
import { listIn, stringIn } from '../../policies/core/json.ts';
import { joinInside, textOf, type FileEntry, type FileTree } from './file-tree.ts';
import { parseDocuments } from './parse-documents.ts';

/** A chart of the repository that another one depends on by its path, as `repository: file://../lib`. */
interface LocalDependency {
  readonly name: string;
  readonly folder: string;
}

const scheme = 'file://';
const deepest = 8;

/**
 * What `helm dependency build` would put into the `charts` of a chart from beside it in the repository, by the path that it
 * would have there; what is vendored already stays.
 */
export function localDependencies(
  tree: FileTree,
  folder: string,
  filesOf: (folder: string) => ReadonlyMap<string, FileEntry>,
  depth = 0,
): { readonly files: ReadonlyMap<string, FileEntry>; readonly folders: readonly string[] } {
  const files = new Map<string, FileEntry>();
  const folders: string[] = [];
  for (const dependency of depth < deepest ? missingIn(tree, folder) : []) {
    const place = posix.join(folder, 'charts', dependency.name);
    const nested = localDependencies(tree, dependency.folder, filesOf, depth + 1);
    for (const [path, entry] of [...filesOf(dependency.folder), ...nested.files]) {
      files.set(posix.join(place, posix.relative(dependency.folder, path)), entry);
    }
    folders.push(dependency.folder, ...nested.folders);
  }
  return { files, folders };
}

function missingIn(tree: FileTree, folder: string): readonly LocalDependency[] {
  const vendored = tree.list(posix.join(folder, 'charts'));
  const isVendored = (name: string): boolean =>
    vendored.folders.includes(name) || vendored.files.some((file) => file.startsWith(`${name}-`));
  return ['Chart.yaml', 'requirements.yaml']
    .map((file) => parseDocuments(textOf(tree, posix.join(folder, file)) ?? '').documents[0]?.value)
    .flatMap((chart) => listIn(chart, 'dependencies'))
    .flatMap((dependency): readonly LocalDependency[] => {
      const name = stringIn(dependency, 'name') ?? '';
      const repository = stringIn(dependency, 'repository') ?? '';
      const path = repository.startsWith(scheme)
        ? joinInside(folder, repository.slice(scheme.length))
        : undefined;
      const place = path === undefined ? undefined : tree.resolve(path);
      return place?.type === 'folder' && /^[\w.-]+$/u.test(name) && !isVendored(name)
        ? [{ name, folder: place.path }]
        : [];
    });
}
