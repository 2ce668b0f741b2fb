import { runGit, type GitRepository } from './git.ts';
import type { GitProblem } from './git-revisions.ts';

/** An entry of a commit's tree that is not a folder. */
export interface TreeEntry {
  /** From the root of the repository, with `/`. */
  readonly path: string;
  /** The blob's id; the same id is the same content. */
  readonly id: string;
  readonly bytes: number;
  readonly type: 'file' | 'link';
}

/** Every file and symbolic link of a commit, by path as git sorts them; submodules are left out. */
export async function listTree(
  repository: GitRepository,
  commit: string,
): Promise<{ readonly entries: readonly TreeEntry[] } | GitProblem> {
  const answer = await runGit(repository, 'ls-tree', '-r', '-z', '-l', '--full-tree', commit);
  if (answer.code !== 0) {
    return { problem: `the tree of ${commit} cannot be read: ${answer.complaint}` };
  }
  const entries: TreeEntry[] = [];
  for (const line of answer.output.split('\0')) {
    const match = /^(?<mode>\d{6}) blob (?<id>[\da-f]+) +(?<bytes>\d+)\t(?<path>.*)$/su.exec(line);
    const { mode = '', id = '', bytes = '', path = '' } = match?.groups ?? {};
    if (match !== null) {
      entries.push({ path, id, bytes: Number(bytes), type: mode === '120000' ? 'link' : 'file' });
    }
  }
  return { entries };
}
