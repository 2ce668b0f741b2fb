import type { Rules } from './judge.ts';
import type { Rendering } from './render/rendering.ts';
import { toCheckOutcome, toCheckProblem } from './present/check-run.ts';
import { toStickyComment, toStickyProblem } from './present/sticky-comment.ts';
import {
  cancelChecks,
  claim,
  finishCheck,
  holds,
  reportFailure,
  yieldClaim,
  type Claim,
} from './github-review-check.ts';
import { externalIdOf } from './github-review-id.ts';
import { postComments, removeDuplicates, type Posting } from './github-review-post.ts';
import { postSarif } from './github-review-sarif.ts';
import { postSticky } from './github-review-sticky.ts';
import { askForDrift, touchedDrift, type AskDrift } from './review-drift.ts';
import { reviewCommits, type Review } from './review.ts';
import { listChecks } from './source/github-checks.ts';
import { readOwnLogin } from './source/github-comments.ts';
import {
  listChangedFiles,
  readCommitPair,
  readPull,
  type PullReference,
  type PullRequest,
} from './source/github-pull.ts';
import { gitHubStore } from './source/github-store.ts';
import type { GitHub } from './source/github.ts';
import type { GitProblem, ReviewedCommits } from './source/git-revisions.ts';

/** A pull request to review, and with what. */
export interface PullReview {
  readonly github: GitHub;
  /** A client with a later deadline, to say on GitHub that the time was not enough; `github` where it is absent. */
  readonly lastWords?: GitHub;
  readonly pull: PullReference;
  readonly catalogue: Rules['catalogue'];
  /** What renders, shared by all reviews of a process; one of its own where it is absent. */
  readonly rendering?: Rendering;
  /** Of meshgate; another version reviews again what one before has reviewed. */
  readonly version: string;
  /** Also where this very state has been reviewed before. */
  readonly again: boolean;
  /** Hand the findings to code scanning too; needs the permission to write security events. */
  readonly sarif?: boolean;
  /** The head before a push, whose unfinished check runs end. */
  readonly before?: string;
  /** Asks the drift gate, where there is one. */
  readonly askDrift?: AskDrift;
}

/** From the beginning of a review on; what comes later is not waited for. */
const longestDriftMilliseconds = 45_000;

/** What became of a review. */
export type PullOutcome =
  | { readonly state: 'closed' | 'done-before' | 'superseded' }
  | { readonly state: 'unreviewable'; readonly problem: string }
  | {
      readonly state: 'reviewed';
      readonly verdict: Review['verdict'];
      /** What GitHub did not take, for people; the findings are in the check run all the same. */
      readonly unposted: readonly string[];
      /** Why nothing is said of drift though it was asked for; for the log. */
      readonly driftProblem?: string;
    };

/** Reviews a pull request as GitHub has it now, without writing anything there. */
export async function readPullReview(
  { github, catalogue, rendering }: Pick<PullReview, 'github' | 'catalogue' | 'rendering'>,
  pull: PullRequest,
  commits: ReviewedCommits,
): Promise<Review | GitProblem> {
  return await reviewCommits({
    store: gitHubStore(github, pull),
    commits,
    catalogue,
    now: github.clock.now(),
    ...(rendering === undefined ? {} : { rendering }),
  });
}

/**
 * Reviews a pull request and says so there: a check run, a summary comment, and comments on the diff. Any number of runs
 * for one state, at once or one after the other, leave what one would: the newest goes on, the others stand back.
 * Rejects where GitHub cannot be used; the check run then says so, and another run takes up the work.
 */
export async function reviewPull(request: PullReview): Promise<PullOutcome> {
  const { github, again } = request;
  const pull = await readPull(github, request.pull);
  if (request.before !== undefined && request.before !== pull.head) {
    await cancelChecks(github, pull, await listChecks(github, pull, request.before));
  }
  if (!pull.open) {
    await cancelChecks(github, pull, await listChecks(github, pull, pull.head));
    return { state: 'closed' };
  }
  const commits = await readCommitPair(github, pull, pull.base, pull.head);
  const externalId = externalIdOf(pull, commits.base, request.version);
  const claimed = await claim(github, pull, { commit: pull.head, externalId, again });
  if ('doneBefore' in claimed) {
    return { state: 'done-before' };
  }
  try {
    return await reviewClaimed(request, pull, commits, claimed);
  } catch (error) {
    await reportFailure(request.lastWords ?? github, pull, claimed, error);
    throw error;
  }
}

async function reviewClaimed(
  request: PullReview,
  pull: PullRequest,
  commits: ReviewedCommits,
  claimed: Claim,
): Promise<PullOutcome> {
  const { github } = request;
  const asked = askForDrift(request.askDrift, longestDriftMilliseconds);
  const review = await readPullReview(request, pull, commits);
  const stillHolds = (): Promise<boolean> => holds(github, pull, claimed);
  if (!(await stillHolds())) {
    return await standBack(github, pull, claimed);
  }
  const author = pull.draft ? '' : await readOwnLogin(github);
  if ('problem' in review) {
    if (!pull.draft) {
      await postSticky(github, pull, author, toStickyProblem(review.problem));
    }
    await finishCheck(github, pull, claimed, toCheckProblem(review.problem));
    return { state: 'unreviewable', problem: review.problem };
  }
  const drift = await touchedDrift(asked, review.changes);
  const unposted: string[] = [];
  if (!pull.draft) {
    const files = await listChangedFiles(github, pull);
    const posting: Posting = { github, pull, author, review, files, holds: stillHolds };
    const posted = await postComments(posting);
    if ('superseded' in posted || !(await stillHolds())) {
      return await standBack(github, pull, claimed);
    }
    const sticky = await postSticky(github, pull, author, toStickyComment({ ...review, ...drift }));
    unposted.push(...posted.unposted, ...sticky);
    if (posted.unposted.length === 0) {
      await removeDuplicates(posting);
    }
  }
  if (!(await stillHolds())) {
    return await standBack(github, pull, claimed);
  }
  if (request.sarif === true) {
    unposted.push(...(await postSarif(github, pull, review, request)));
  }
  await finishCheck(github, pull, claimed, toCheckOutcome(review, unposted));
  return {
    state: 'reviewed',
    verdict: review.verdict,
    unposted,
    ...('problem' in drift ? { driftProblem: drift.problem } : {}),
  };
}

async function standBack(github: GitHub, pull: PullRequest, claimed: Claim): Promise<PullOutcome> {
  await yieldClaim(github, pull, claimed);
  return { state: 'superseded' };
}
