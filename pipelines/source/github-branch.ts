import { statusOf } from './github-errors.ts';
import type { GitHubRepository } from './github-pull.ts';
import type { GitHub } from './github.ts';

/** A branch and what it points at. */
export interface Branch {
  readonly name: string;
  readonly commit: string;
  readonly tree: string;
  /** ISO 8601, of the commit. */
  readonly committed: string;
}

/** A file of a commit to be made. */
export interface CommittedFile {
  readonly path: string;
  readonly text: string;
}

/** The branch into which changes go. */
export async function readDefaultBranch(
  github: GitHub,
  { owner, repo }: GitHubRepository,
): Promise<Branch> {
  const { data } = await github.request('GET /repos/{owner}/{repo}', { owner, repo });
  const branch = await readBranch(github, { owner, repo }, data.default_branch);
  if (branch === undefined) {
    throw new Error(`${owner}/${repo} has no commit on ${data.default_branch}`);
  }
  return branch;
}

/** A branch by its name; undefined where there is none. */
export async function readBranch(
  github: GitHub,
  { owner, repo }: GitHubRepository,
  name: string,
): Promise<Branch | undefined> {
  try {
    const { data } = await github.request('GET /repos/{owner}/{repo}/git/ref/{ref}', {
      owner,
      repo,
      ref: `heads/${name}`,
    });
    const commit = data.object.sha;
    const { data: read } = await github.request(
      'GET /repos/{owner}/{repo}/git/commits/{commit_sha}',
      { owner, repo, commit_sha: commit },
    );
    return { name, commit, tree: read.tree.sha, committed: read.committer.date };
  } catch (error) {
    if (statusOf(error) === 404) {
      return undefined;
    }
    throw error;
  }
}

/**
 * Makes a commit on top of a branch without moving it. It bears the time of its parent, so that the same change of the
 * same commit is the same commit, however often it is made.
 */
export async function createCommit(
  github: GitHub,
  { owner, repo }: GitHubRepository,
  base: Branch,
  { message, files }: { readonly message: string; readonly files: readonly CommittedFile[] },
): Promise<string> {
  const { data: tree } = await github.request('POST /repos/{owner}/{repo}/git/trees', {
    owner,
    repo,
    base_tree: base.tree,
    tree: files.map(({ path, text }) => ({ path, mode: '100644', type: 'blob', content: text })),
    request: { repeatable: true },
  });
  const author = { name: 'meshgate', email: 'meshgate@users.noreply.github.com' };
  const { data: commit } = await github.request('POST /repos/{owner}/{repo}/git/commits', {
    owner,
    repo,
    message,
    tree: tree.sha,
    parents: [base.commit],
    author: { ...author, date: base.committed },
    committer: { ...author, date: base.committed },
    request: { repeatable: true },
  });
  return commit.sha;
}

/** Makes a branch. Gives false where there is one of that name. */
export async function createBranch(
  github: GitHub,
  { owner, repo }: GitHubRepository,
  { name, commit }: { readonly name: string; readonly commit: string },
): Promise<boolean> {
  try {
    await github.request('POST /repos/{owner}/{repo}/git/refs', {
      owner,
      repo,
      ref: `refs/heads/${name}`,
      sha: commit,
      request: { repeatable: true },
    });
    return true;
  } catch (error) {
    if (statusOf(error) === 422) {
      return false;
    }
    throw error;
  }
}

/** A pull request by the branch that it comes from. */
export interface BranchPull {
  readonly number: number;
  readonly open: boolean;
}

/** The pull requests from a branch of the repository itself, newest first. */
export async function listPullsFrom(
  github: GitHub,
  { owner, repo }: GitHubRepository,
  branch: string,
): Promise<readonly BranchPull[]> {
  const { data } = await github.request('GET /repos/{owner}/{repo}/pulls', {
    owner,
    repo,
    head: `${owner}:${branch}`,
    state: 'all',
    per_page: 100,
  });
  return data.map(({ number, state }) => ({ number, open: state === 'open' }));
}

/** Opens a pull request and gives its number. */
export async function createPull(
  github: GitHub,
  { owner, repo }: GitHubRepository,
  pull: {
    readonly head: string;
    readonly base: string;
    readonly title: string;
    readonly body: string;
  },
): Promise<number> {
  const { data } = await github.request('POST /repos/{owner}/{repo}/pulls', {
    owner,
    repo,
    ...pull,
  });
  return data.number;
}
