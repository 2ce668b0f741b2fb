import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { GitRepository } from '../../pipelines/source/git.ts';
import { readEnvironment } from '../../cli/environment.ts';

/** The files of a commit by path; a link is given by where it leads. */
export type Files = Readonly<Record<string, string | Buffer | { readonly link: string }>>;

/** A real repository in a temporary folder. */
export interface TestRepository extends GitRepository {
  /** Makes a commit that holds exactly these files and gives its id. */
  commit(files: Files): string;
  git(...args: readonly string[]): string;
  remove(): void;
}

/** Makes an empty repository with the branch `main`. */
export function createRepository(): TestRepository {
  const directory = mkdtempSync(join(tmpdir(), 'meshgate-review-'));
  const path = readEnvironment().programPath;
  function git(...args: readonly string[]): string {
    const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
    const guards = ['-c', 'commit.gpgSign=false', '-c', 'core.autocrlf=false'];
    return execFileSync('git', [...identity, ...guards, ...args], {
      cwd: directory,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: path, GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: '1', HOME: directory },
    }).trim();
  }
  git('init', '--quiet', '--initial-branch=main');
  return {
    directory,
    path,
    git,
    commit(files) {
      git('rm', '-r', '--quiet', '--ignore-unmatch', '-f', '.');
      for (const [file, content] of Object.entries(files)) {
        write(join(directory, file), content);
      }
      git('add', '--all');
      git('commit', '--quiet', '--allow-empty', '--message', 'State');
      return git('rev-parse', 'HEAD');
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function write(path: string, content: Files[string]): void {
  mkdirSync(dirname(path), { recursive: true });
  if (typeof content === 'object' && 'link' in content) {
    symlinkSync(content.link, path);
  } else if (content !== undefined) {
    writeFileSync(path, content);
  }
}
