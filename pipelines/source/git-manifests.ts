import { posix } from 'node:path';
import type { CommitStore } from './commit-store.ts';
import type { TreeEntry } from './git-tree.ts';
import { isHidden } from '../render/layout.ts';
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
  const files: TreeEntry[] = [];
  const leftOut: LeftOut[] = [];
  for (const entry of entries) {
    const { path, type } = entry;
    if (!manifestName.test(path) || isHidden(path) || isIgnored(path)) {
      continue;
    }
    if (type === 'link') {
      leftOut.push({ path, reason: 'a symbolic link is not followed' });
    } else {
      files.push(entry);
    }
  }
  return { files, leftOut };
}

/**
 * What the renderers may need beside manifests: kustomizations without an ending, symbolic links, and all that lies in
 * the folder of a chart.
 */
export function selectParts(entries: readonly TreeEntry[]): readonly TreeEntry[] {
  const charts = new Set(
    entries
      .filter(({ path }) => posix.basename(path) === 'Chart.yaml')
      .map(({ path }) => (path.includes('/') ? posix.join(posix.dirname(path), '/') : '')),
  );
  return entries.filter(
    ({ path, type }) =>
      type === 'link' ||
      posix.basename(path) === 'Kustomization' ||
      (charts.size > 0 && (charts.has('') || isBelow(path, charts))),
  );
}

/** Reads each content once, however many paths and commits hold it; by the blob's id. The bytes are put into `kept`. */
export async function readTexts(
  store: CommitStore,
  entries: readonly TreeEntry[],
  kept?: Map<string, Buffer>,
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
    if (bytes !== undefined) {
      kept?.set(id, Buffer.from(bytes));
    }
  });
  return texts;
}

function isBelow(path: string, folders: ReadonlySet<string>): boolean {
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    if (folders.has(path.slice(0, slash + 1))) {
      return true;
    }
  }
  return false;
}
