import type { ReviewedCommits } from './git-revisions.ts';
import type { GitHub } from './github.ts';

/** A repository as its URL names it. Always the one that a pull request goes into, never a fork. */
export interface GitHubRepository {
  readonly owner: string;
  readonly repo: string;
}

/** A pull request of a repository. */
export interface PullReference extends GitHubRepository {
  readonly number: number;
}

/** What a review needs to know of a pull request, as GitHub has it now. */
export interface PullRequest extends PullReference {
  readonly repositoryId: number;
  readonly open: boolean;
  readonly draft: boolean;
  readonly head: string;
  readonly base: string;
  /** Where it goes to; its commit moves by itself, the branch only where somebody chooses another one. */
  readonly baseBranch: string;
}

/** A file of a pull request's diff. */
export interface ChangedFile {
  readonly path: string;
  readonly removed: boolean;
  /** Hunks of the diff against the merge base; absent for binary and for large files. */
  readonly patch?: string;
}

const perPage = 100;
const mostPages = 30;

/** Reads a pull request. Shortly after it was opened GitHub may not know it yet; that is waited for. */
export async function readPull(github: GitHub, pull: PullReference): Promise<PullRequest> {
  const { owner, repo, number } = pull;
  const { data } = await github.request('GET /repos/{owner}/{repo}/pulls/{pull_number}', {
    owner,
    repo,
    pull_number: number,
    request: { eventual: true },
  });
  return {
    owner,
    repo,
    number,
    repositoryId: Number(data.base.repo.id),
    open: data.state === 'open',
    draft: data.draft === true,
    head: data.head.sha,
    base: data.base.sha,
    baseBranch: data.base.ref,
  };
}

/** The commits that a pull request compares, as GitHub shows it; works across forks. */
export async function readCommitPair(
  github: GitHub,
  { owner, repo }: GitHubRepository,
  base: string,
  head: string,
): Promise<ReviewedCommits> {
  const { data } = await github.request('GET /repos/{owner}/{repo}/compare/{basehead}', {
    owner,
    repo,
    basehead: `${base}...${head}`,
    per_page: 1,
    request: { eventual: true },
  });
  return { base: data.merge_base_commit.sha, head, baseMoved: data.behind_by };
}

/** The files of a pull request's diff, at most 3,000: GitHub lists no more. */
export async function listChangedFiles(
  github: GitHub,
  { owner, repo, number }: PullReference,
): Promise<readonly ChangedFile[]> {
  const files = await readPages((page) =>
    github.request('GET /repos/{owner}/{repo}/pulls/{pull_number}/files', {
      owner,
      repo,
      pull_number: number,
      per_page: perPage,
      page,
      request: { eventual: true },
    }),
  );
  return files.map(({ filename, status, patch }) => ({
    path: filename,
    removed: status === 'removed',
    ...(patch === undefined ? {} : { patch }),
  }));
}

/** Reads pages until one is not full, 3,000 items at most. */
export async function readPages<T>(
  readPage: (page: number) => Promise<{ readonly data: readonly T[] }>,
): Promise<readonly T[]> {
  const items: T[] = [];
  for (let page = 1; page <= mostPages; page += 1) {
    const { data } = await readPage(page);
    items.push(...data);
    if (data.length < perPage) {
      break;
    }
  }
  return items;
}
