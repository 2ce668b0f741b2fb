import { runGit, type GitAnswer, type GitRepository } from './git.ts';

/** The two commits that a review compares. */
export interface ReviewedCommits {
  /** The merge base: where head left the base branch. */
  readonly base: string;
  readonly head: string;
  /** Commits that the base branch has since; absent where nobody counted. */
  readonly baseMoved?: number;
}

/** A request that git cannot serve: what is wrong and what to do. */
export interface GitProblem {
  readonly problem: string;
}

/**
 * Resolves what to compare: the merge base of the two revisions against the head, as a pull request shows it. Without
 * a base, the default branch of the remote `origin` is taken, else `main`.
 */
export async function resolveCommits(
  repository: GitRepository,
  revisions: { readonly base?: string; readonly head: string },
): Promise<ReviewedCommits | GitProblem> {
  const inside = await runGit(repository, 'rev-parse', '--git-dir');
  if (inside.code !== 0) {
    return notARepository(repository, inside);
  }
  const head = await resolveCommit(repository, revisions.head);
  if (head === undefined) {
    return unknownRevision('head', revisions.head);
  }
  const candidates =
    revisions.base === undefined ? ['origin/HEAD', 'main', 'origin/main'] : [revisions.base];
  for (const candidate of candidates) {
    const base = await resolveCommit(repository, candidate);
    if (base !== undefined) {
      return await mergeBase(repository, base, head);
    }
  }
  return revisions.base === undefined
    ? {
        problem:
          'no base: there is neither a default branch of origin nor a branch main; name one with --base',
      }
    : unknownRevision('base', revisions.base);
}

async function resolveCommit(
  repository: GitRepository,
  revision: string,
): Promise<string | undefined> {
  if (revision === '' || revision.startsWith('-') || /[\0\r\n]/u.test(revision)) {
    return undefined;
  }
  const answer = await runGit(
    repository,
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${revision}^{commit}`,
  );
  const commit = answer.output.trim();
  return answer.code === 0 && /^[\da-f]{40,64}$/u.test(commit) ? commit : undefined;
}

async function mergeBase(
  repository: GitRepository,
  base: string,
  head: string,
): Promise<ReviewedCommits | GitProblem> {
  const answer = await runGit(repository, 'merge-base', base, head);
  const commit = answer.output.trim();
  if (answer.code === 0 && commit !== '') {
    const newer = await runGit(repository, 'rev-list', '--count', `${commit}..${base}`);
    return { base: commit, head, baseMoved: Number(newer.output) };
  }
  const shallow = await runGit(repository, 'rev-parse', '--is-shallow-repository');
  const remedy =
    shallow.output.trim() === 'true'
      ? 'the clone is shallow: fetch the history (`git fetch --unshallow`; with actions/checkout `fetch-depth: 0`)'
      : 'their histories are unrelated: name a base that head was branched from';
  return {
    problem: `${short(base)} and ${short(head)} have no common commit to compare with; ${remedy}`,
  };
}

function notARepository({ directory }: GitRepository, { code, complaint }: GitAnswer): GitProblem {
  if (code === 127) {
    return {
      problem: `git cannot be run in ${directory}: install git, and see that the folder exists`,
    };
  }
  const [reason = ''] = complaint.replace(/^fatal: /u, '').split('\n');
  return { problem: `${directory}: ${reason}` };
}

function unknownRevision(side: 'base' | 'head', revision: string): GitProblem {
  const shown = JSON.stringify(revision);
  return {
    problem: `--${side} ${shown} names no commit of this repository: give a branch, a tag or a commit, and fetch it first`,
  };
}

function short(commit: string): string {
  return commit.slice(0, 10);
}
