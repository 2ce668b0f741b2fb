import { execFileSync } from 'node:child_process';
import { devNull } from 'node:os';
import type { TestRepository } from '../git-repository.ts';

/** A file of a diff as GitHub lists it. */
export interface FileOfDiff {
  readonly filename: string;
  readonly status: string;
  readonly sha: string;
  readonly patch?: string;
}

/** Runs git and gives its bytes. */
export function gitBytes(repository: TestRepository, ...args: readonly string[]): Buffer {
  return execFileSync('git', [...args], {
    cwd: repository.directory,
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: repository.path, GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: '1' },
  });
}

const statuses: Readonly<Record<string, string>> = {
  A: 'added',
  D: 'removed',
  M: 'modified',
  T: 'changed',
};

/** The files of a pull request with their real hunks; binary files have none. */
export function filesOfDiff(
  repository: TestRepository,
  base: string,
  head: string,
): readonly FileOfDiff[] {
  const range = `${base}...${head}`;
  const raw = gitBytes(repository, 'diff', '--raw', '--no-abbrev', '--no-renames', '-z', range);
  const parts = raw.toString('utf8').split('\0');
  const diffs = gitBytes(repository, 'diff', '--no-renames', range)
    .toString()
    .split(/^(?=diff --git )/mu);
  const files: FileOfDiff[] = [];
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const [, , , sha = '', status = ''] = (parts[index] ?? '').split(' ');
    const filename = parts[index + 1] ?? '';
    const diff = diffs[index / 2] ?? '';
    const hunks = diff.indexOf('\n@@ ');
    files.push({
      filename,
      status: statuses[status] ?? 'modified',
      sha,
      ...(hunks < 0 ? {} : { patch: diff.slice(hunks + 1).replace(/\n$/u, '') }),
    });
  }
  return files;
}

/** A tree as the trees API gives it. */
export function treeOf(
  repository: TestRepository,
  tree: string,
  recursive: boolean,
): readonly Record<string, string | number>[] {
  const flags = recursive ? ['-r', '-t'] : [];
  const text = gitBytes(repository, 'ls-tree', '-l', '-z', ...flags, tree).toString('utf8');
  return text
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const [meta = '', path = ''] = line.split('\t');
      const [mode = '', type = '', sha = '', size = ''] = meta.split(/ +/u);
      return { path, mode, type, sha, ...(size === '-' ? {} : { size: Number(size) }) };
    });
}

/** A commit's archive as GitHub makes it. */
export function archiveOf(repository: TestRepository, commit: string): Buffer {
  const prefix = `--prefix=shop-${commit.slice(0, 7)}/`;
  return gitBytes(repository, 'archive', '--format=tar.gz', prefix, commit);
}
