import { execFile, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';

/** A local repository, and the little of the environment that git needs. */
export interface GitRepository {
  /** A folder inside the repository. */
  readonly directory: string;
  /** Where the `git` program is looked for. */
  readonly path: string;
  /** The user's home, whose `.gitconfig` may declare the folder safe. */
  readonly home?: string;
}

/** What git answered; `code` is its exit code, 127 where there is no git. */
export interface GitAnswer {
  readonly code: number;
  readonly output: string;
  readonly complaint: string;
}

const mostOutputBytes = 256 * 1024 * 1024;
const longestMilliseconds = 60_000;

/**
 * What keeps a hostile repository from running anything: no hooks, no file system monitor, no pager, no attribute of
 * the repository that names a program. Only plumbing is called, which converts and smudges nothing.
 */
const guards = [
  '--no-pager',
  '--no-optional-locks',
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'core.fsmonitor=false',
  '-c',
  'core.attributesFile=/dev/null',
];

/** Runs one git command to its end, without a shell. Never throws. */
export async function runGit(
  repository: GitRepository,
  ...args: readonly string[]
): Promise<GitAnswer> {
  return await new Promise((resolve) => {
    execFile(
      'git',
      [...guards, ...args],
      {
        ...processOptions(repository),
        maxBuffer: mostOutputBytes,
        timeout: longestMilliseconds,
        killSignal: 'SIGKILL',
      },
      (error, output, complaint) => {
        resolve({
          code: exitCode(error),
          output,
          complaint: complaint.trim() || (error?.message ?? ''),
        });
      },
    );
  });
}

/** Starts a git command that talks over its standard streams. */
export function startGit(
  repository: GitRepository,
  ...args: readonly string[]
): ChildProcessWithoutNullStreams {
  return spawn('git', [...guards, ...args], { ...processOptions(repository), stdio: 'pipe' });
}

function processOptions(repository: GitRepository): {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
} {
  return {
    cwd: repository.directory,
    env: {
      PATH: repository.path,
      ...(repository.home === undefined ? {} : { HOME: repository.home }),
      LC_ALL: 'C',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_ATTR_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
      GIT_NO_REPLACE_OBJECTS: '1',
      // A partial clone must not fetch what it lacks, and no transport may start a program.
      GIT_NO_LAZY_FETCH: '1',
      GIT_ALLOW_PROTOCOL: 'none',
    },
  };
}

function exitCode(error: { readonly code?: string | number | null | undefined } | null): number {
  if (error === null) {
    return 0;
  }
  return typeof error.code === 'number' ? error.code : 127;
}
