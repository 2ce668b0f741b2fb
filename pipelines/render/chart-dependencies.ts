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
/** Charts that one may take in; far more than anybody has, far fewer than charts that name one another could make. */
const mostTaken = 100;

/** Files by the path that they would have in the chart, and the folders that they are from. */
interface Taken {
  readonly files: Map<string, FileEntry>;
  readonly folders: string[];
}

/**
 * What `helm dependency build` would put into the `charts` of a chart from beside it in the repository; what is vendored
 * already stays. Charts that depend on one another in a circle end where it closes.
 */
export function localDependencies(
  tree: FileTree,
  folder: string,
  filesOf: (folder: string) => ReadonlyMap<string, FileEntry>,
): Taken {
  const taken: Taken = { files: new Map(), folders: [] };
  const pending = [{ at: folder, from: folder, above: [folder] }];
  for (const { at, from, above } of pending) {
    for (const dependency of missingIn(tree, from)) {
      if (above.includes(dependency.folder) || taken.folders.length >= mostTaken) {
        continue;
      }
      const place = posix.join(at, 'charts', dependency.name);
      for (const [path, entry] of filesOf(dependency.folder)) {
        taken.files.set(posix.join(place, posix.relative(dependency.folder, path)), entry);
      }
      taken.folders.push(dependency.folder);
      pending.push({ at: place, from: dependency.folder, above: [...above, dependency.folder] });
    }
  }
  return taken;
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
