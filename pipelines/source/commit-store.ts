import { readBlobs } from './git-blobs.ts';
import type { GitProblem } from './git-revisions.ts';
import { listTree, type TreeEntry } from './git-tree.ts';
import type { GitRepository } from './git.ts';
import { largestFileBytes } from './read-text.ts';

/** Where the contents of commits are read from: a local repository, or GitHub. */
export interface CommitStore {
  /** Every file and symbolic link of a commit, by path as git sorts them; submodules are left out. */
  listTree(commit: string): Promise<{ readonly entries: readonly TreeEntry[] } | GitProblem>;
  /** Hands each blob to `visit`, once for each id; one that the store lacks without bytes. */
  readBlobs(
    ids: readonly string[],
    visit: (id: string, bytes: Buffer | undefined) => void,
  ): Promise<void>;
}

/** The commits of a local repository. */
export function localStore(repository: GitRepository): CommitStore {
  return {
    listTree: (commit) => listTree(repository, commit),
    readBlobs: (ids, visit) => readBlobs(repository, ids, visit),
  };
}

/** What reads the contents of files into `contents` by their ids, each once; what is too large to be one is left out. */
export function loadInto(
  store: CommitStore,
  contents: Map<string, Buffer>,
): (entries: readonly Omit<TreeEntry, 'path'>[]) => Promise<void> {
  return async (entries) => {
    const wanted = entries.filter(
      ({ id, bytes }) => !contents.has(id) && bytes <= largestFileBytes,
    );
    await store.readBlobs([...new Set(wanted.map(({ id }) => id))], (id, bytes) => {
      if (bytes !== undefined) {
        contents.set(id, Buffer.from(bytes));
      }
    });
  };
}
