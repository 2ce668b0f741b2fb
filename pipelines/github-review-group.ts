import { toCheckOutcome, toCheckProblem } from './present/check-run.ts';
import { claim, finishCheck, reportFailure, type Claim } from './github-review-check.ts';
import { reviewCommits } from './review.ts';
import type { Rules } from './judge.ts';
import type { Rendering } from './render/rendering.ts';
import type { GitHubRepository } from './source/github-pull.ts';
import { readCommitPair } from './source/github-pull.ts';
import type { ReviewedCommits } from './source/git-revisions.ts';
import { gitHubStore } from './source/github-store.ts';
import type { GitHub } from './source/github.ts';

/** Commits that a merge queue wants to merge. */
export interface GroupReview {
  readonly github: GitHub;
  /** As of a pull request's review. */
  readonly lastWords?: GitHub;
  readonly repository: GitHubRepository;
  readonly base: string;
  readonly head: string;
  readonly catalogue: Rules['catalogue'];
  readonly rendering?: Rendering;
  readonly version: string;
}

/** Reviews what a merge queue is about to merge: by a check run alone, which the queue waits for. */
export async function reviewGroup(request: GroupReview): Promise<{ readonly state: string }> {
  const { github, repository, head, version } = request;
  const commits = await readCommitPair(github, repository, request.base, head);
  const externalId = ['meshgate', 'group', head, commits.base, version].join(':');
  const claimed = await claim(github, repository, { commit: head, externalId, again: false });
  if ('doneBefore' in claimed) {
    return { state: 'done-before' };
  }
  try {
    await reviewClaimed(request, commits, claimed);
  } catch (error) {
    await reportFailure(request.lastWords ?? github, repository, claimed, error);
    throw error;
  }
  return { state: 'reviewed' };
}

async function reviewClaimed(
  { github, repository, catalogue, rendering }: GroupReview,
  commits: ReviewedCommits,
  claimed: Claim,
): Promise<void> {
  const review = await reviewCommits({
    store: gitHubStore(github, repository),
    commits,
    catalogue,
    now: github.clock.now(),
    ...(rendering === undefined ? {} : { rendering }),
  });
  const outcome = 'problem' in review ? toCheckProblem(review.problem) : toCheckOutcome(review, []);
  await finishCheck(github, repository, claimed, outcome);
}
