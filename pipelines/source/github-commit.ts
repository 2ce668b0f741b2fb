import type { GitHubRepository } from './github-pull.ts';
import type { GitHub } from './github.ts';

/** A commit and when it was made, in milliseconds since the epoch. */
export interface Committed {
  readonly commit: string;
  readonly at: number;
}

/** The commit that a branch, tag or commit id stands for now; that of the default branch for `HEAD`. */
export async function readCommitted(
  github: GitHub,
  { owner, repo }: GitHubRepository,
  ref: string,
): Promise<Committed> {
  const { data } = await github.request('GET /repos/{owner}/{repo}/commits/{ref}', {
    owner,
    repo,
    ref,
    // Of the files that it changes, nobody asks.
    per_page: 1,
  });
  const at = Date.parse(data.commit.committer?.date ?? '');
  return { commit: data.sha, at: Number.isNaN(at) ? 0 : at };
}
