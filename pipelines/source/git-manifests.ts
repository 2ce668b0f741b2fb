import { posix } from 'node:path';
import type { CommitStore } from './commit-store.ts';
import type { TreeEntry } from './git-tree.ts';
import { isKustomization, patchFiles } from './kustomize.ts';
import { decodeText, largestFileBytes, type TextReading } from './read-text.ts';

/** A file of a commit that was left out on purpose, and why, for people. */
export interface LeftOut {
  readonly path: string;
  readonly reason: string;
}

/** The files of a commit that may hold manifests. */
export interface ManifestFiles {
  readonly files: readonly TreeEntry[];
  readonly leftOut: readonly LeftOut[];
}

const manifestName = /\.(?:ya?ml|json)$/iu;

/**
 * Picks what may hold manifests out of a commit's tree by the rules of `findFiles`. Symbolic links are never followed:
 * what they lead to inside the tree is read where it stands, and outside of it nothing is ours to read.
 */
export function selectManifests(
  entries: readonly TreeEntry[],
  isIgnored: (path: string) => boolean,
): ManifestFiles {
  const templates = new Set(
    entries
      .filter(({ path }) => posix.basename(path) === 'Chart.yaml')
      .map(({ path }) => posix.join(posix.dirname(path), 'templates/')),
  );
  const files: TreeEntry[] = [];
  const leftOut: LeftOut[] = [];
  for (const entry of entries) {
    const { path, type } = entry;
    if (!manifestName.test(path) || isHidden(path) || isIgnored(path)) {
      continue;
    }
    if (type === 'link') {
      leftOut.push({ path, reason: 'a symbolic link is not followed' });
    } else if (templates.size > 0 && isBelow(path, templates)) {
      leftOut.push({ path, reason: 'Helm templates are left out' });
    } else {
      files.push(entry);
    }
  }
  return { files, leftOut };
}

/**
 * Takes out what kustomizations use as patches, since a patch is no whole object, and the kustomizations themselves.
 */
export function withoutPatches(
  { files, leftOut }: ManifestFiles,
  textOf: (entry: TreeEntry) => string | undefined,
): ManifestFiles {
  const patches = new Set<string>();
  for (const entry of files.filter(({ path }) => isKustomization(path))) {
    for (const patch of patchFiles(entry.path, textOf(entry) ?? '')) {
      patches.add(patch);
    }
  }
  const isPatch = ({ path }: TreeEntry): boolean => patches.has(path);
  return {
    files: files.filter((entry) => !isPatch(entry) && !isKustomization(entry.path)),
    leftOut: [
      ...leftOut,
      ...files
        .filter(isPatch)
        .map(({ path }) => ({ path, reason: 'a Kustomize patch is left out' })),
    ],
  };
}

/** Reads each content once, however many paths and commits hold it; by the blob's id. */
export async function readTexts(
  store: CommitStore,
  entries: readonly TreeEntry[],
): Promise<ReadonlyMap<string, TextReading>> {
  const texts = new Map<string, TextReading>();
  const ids = new Set<string>();
  for (const { id, bytes } of entries) {
    if (bytes > largestFileBytes) {
      const problem = `more than ${String(largestFileBytes / 1024 / 1024)} MiB: split it or leave it out (files.ignore)`;
      texts.set(id, { problem });
    } else {
      ids.add(id);
    }
  }
  await store.readBlobs([...ids], (id, bytes) => {
    const missing = { problem: 'the clone lacks its content: fetch it (`git fetch --refetch`)' };
    texts.set(id, bytes === undefined ? missing : decodeText(bytes));
  });
  return texts;
}

function isHidden(path: string): boolean {
  const folders = path.split('/').slice(0, -1);
  return folders.some((folder) => folder.startsWith('.') || folder === 'node_modules');
}

function isBelow(path: string, folders: ReadonlySet<string>): boolean {
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    if (folders.has(path.slice(0, slash + 1))) {
      return true;
    }
  }
  return false;
}
