import {
  commentBody,
  planComments,
  reviewBody,
  withoutTold,
  type InlineComment,
} from './present/review-comments.ts';
import {
  fingerprintOf,
  isResolved,
  markedFinding,
  markedReview,
  markResolved,
} from './present/review-comments-markers.ts';
import type { Review, ReviewedFinding } from './review.ts';
import {
  createFileComment,
  createReview,
  deleteDiffComment,
  deletePendingReview,
  listDiffComments,
  listReviews,
  updateDiffComment,
  type PostedComment,
} from './source/github-comments.ts';
import { describeGitHubError, isUncertain, statusOf } from './source/github-errors.ts';
import type { ChangedFile, PullRequest } from './source/github-pull.ts';
import type { GitHub } from './source/github.ts';

/** What a run writes about, and as whom. */
export interface Posting {
  readonly github: GitHub;
  readonly pull: PullRequest;
  /** The login under which the run writes; nothing of anybody else is touched. */
  readonly author: string;
  readonly review: Review;
  readonly files: readonly ChangedFile[];
  /** Whether the run may still write. */
  readonly holds: () => Promise<boolean>;
}

/** What came of it: superseded, or what could not be posted, for people. */
export type Posted = { readonly superseded: true } | { readonly unposted: readonly string[] };

const mostAttempts = 3;

/** The state of our comments on the diff. */
interface Standing {
  /** Ours, by finding, the oldest first; of several only one is kept. */
  readonly comments: ReadonlyMap<string, readonly PostedComment[]>;
  readonly answered: ReadonlySet<number>;
  /** Every finding that some comment or review of ours has told. */
  readonly told: ReadonlySet<string>;
}

/**
 * Brings the comments on the diff to what the review says: new findings in one review, gone ones marked, returned ones
 * opened again, duplicates removed. What stands is read before each attempt, so a run that comes after a crash or an
 * answer that was lost posts only what is missing.
 */
export async function postComments(posting: Posting): Promise<Posted> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await postOnce(posting);
    } catch (error) {
      if (statusOf(error) === 403 || statusOf(error) === 404) {
        return { unposted: [`The comments could not be posted: ${describeGitHubError(error)}`] };
      }
      if (!isUncertain(error) || attempt >= mostAttempts) {
        throw error;
      }
      await posting.github.clock.sleep(1000 * attempt);
    }
  }
}

async function postOnce(posting: Posting): Promise<Posted> {
  const standing = await readStanding(posting);
  const { github, pull, review, files } = posting;
  const planned = withoutTold(planComments(review.introduced, files), standing.told);
  if (!(await posting.holds())) {
    return { superseded: true };
  }
  if (planned.inline.length > 0 || planned.elsewhere.length > 0) {
    const outcome = await submit(posting, planned.inline, planned.elsewhere);
    if (outcome === 'superseded') {
      return { superseded: true };
    }
  }
  const unposted: string[] = [];
  for (const comment of planned.onFiles) {
    try {
      await createFileComment(github, pull, { ...comment, head: pull.head });
    } catch (error) {
      if (statusOf(error) !== 422) {
        throw error;
      }
      unposted.push(`No comment on ${comment.path}: ${describeGitHubError(error)}`);
    }
  }
  await settle(posting, standing);
  return { unposted };
}

/** Posts one review. Where GitHub refuses a comment, which it does not name, all go into the review's text. */
async function submit(
  { github, pull, review, holds }: Posting,
  inline: readonly InlineComment[],
  elsewhere: readonly ReviewedFinding[],
): Promise<'posted' | 'superseded'> {
  const { head } = pull;
  try {
    const body = reviewBody(inline.length, elsewhere);
    await createReview(github, pull, { head, body, comments: inline });
    return 'posted';
  } catch (error) {
    if (statusOf(error) !== 422) {
      throw error;
    }
  }
  if (!(await holds())) {
    return 'superseded';
  }
  const refused = new Set(inline.map(({ fingerprint }) => fingerprint));
  const others = new Set(elsewhere);
  const all = review.introduced.filter(
    (reviewed) => others.has(reviewed) || refused.has(fingerprintOf(reviewed)),
  );
  await createReview(github, pull, { head, body: reviewBody(0, all), comments: [] });
  return 'posted';
}

async function readStanding({ github, pull, author }: Posting): Promise<Standing> {
  const reviews = (await listReviews(github, pull)).filter((review) => review.author === author);
  for (const { id, pending } of reviews) {
    if (pending) {
      // A review that was never submitted makes GitHub refuse every other one of ours.
      await deletePendingReview(github, pull, id);
    }
  }
  const all = await listDiffComments(github, pull);
  const comments = new Map<string, PostedComment[]>();
  for (const comment of all.filter((candidate) => candidate.author === author)) {
    const fingerprint = markedFinding(comment.body);
    if (fingerprint !== undefined) {
      comments.set(fingerprint, [...(comments.get(fingerprint) ?? []), comment]);
    }
  }
  const listed = reviews.flatMap(({ body, pending }) =>
    pending ? [] : (markedReview(body) ?? []),
  );
  return {
    comments,
    answered: new Set(all.flatMap(({ answers }) => answers ?? [])),
    told: new Set([...comments.keys(), ...listed]),
  };
}

/** Marks what is gone, opens what has returned, and removes duplicates that nobody has answered. */
async function settle(
  { github, pull, review }: Posting,
  { comments, answered }: Standing,
): Promise<void> {
  const current = new Map(
    [...review.remaining, ...review.introduced].map((reviewed) => [
      fingerprintOf(reviewed),
      reviewed,
    ]),
  );
  for (const [fingerprint, [oldest, ...duplicates]] of comments) {
    for (const { id } of duplicates) {
      if (!answered.has(id)) {
        await deleteDiffComment(github, pull, id);
      }
    }
    const reviewed = current.get(fingerprint);
    if (oldest === undefined || (reviewed === undefined) === isResolved(oldest.body)) {
      continue;
    }
    const body =
      reviewed === undefined
        ? markResolved(oldest.body, fingerprint, pull.head)
        : commentBody(reviewed, fingerprint);
    await updateDiffComment(github, pull, oldest.id, body);
  }
}

/** Removes duplicates that two runs at once have made; for the end of a run. */
export async function removeDuplicates(posting: Posting): Promise<void> {
  const { comments, answered } = await readStanding(posting);
  for (const [, [, ...duplicates]] of comments) {
    for (const { id } of duplicates) {
      if (!answered.has(id)) {
        await deleteDiffComment(posting.github, posting.pull, id);
      }
    }
  }
}
