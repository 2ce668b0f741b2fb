import { statusOf } from './github-errors.ts';
import type { GitHub } from './github.ts';
import { readPages, type PullReference } from './github-pull.ts';

/** A comment of a pull request, on its conversation or on its diff. */
export interface PostedComment {
  readonly id: number;
  readonly author: string;
  readonly body: string;
  /** The comment that this one answers. */
  readonly answers?: number;
}

/** A review of a pull request. */
export interface PostedReview {
  readonly id: number;
  readonly author: string;
  readonly body: string;
  readonly pending: boolean;
}

/** A comment on the diff as GitHub takes it; `line` is the last of its lines, in the new state of the file. */
export interface DiffComment {
  readonly path: string;
  readonly line: number;
  readonly startLine?: number;
  readonly body: string;
}

/** Login of an account that was deleted. */
export const ghost = 'ghost';

/** The login under which this client writes. */
export async function readOwnLogin(github: GitHub): Promise<string> {
  if (github.appId !== undefined) {
    const { data } = await github.request('GET /app');
    return `${data?.slug ?? ''}[bot]`;
  }
  try {
    const { data } = await github.request('GET /user');
    return data.login;
  } catch (error) {
    if (statusOf(error) !== 403) {
      throw error;
    }
    // The token of a workflow may not ask who it is.
    return 'github-actions[bot]';
  }
}

/** The comments on a pull request's diff, oldest first, answers among them. */
export async function listDiffComments(
  github: GitHub,
  { owner, repo, number }: PullReference,
): Promise<readonly PostedComment[]> {
  const comments = await readPages((page) =>
    github.request('GET /repos/{owner}/{repo}/pulls/{pull_number}/comments', {
      owner,
      repo,
      pull_number: number,
      per_page: 100,
      page,
    }),
  );
  return comments.map(({ id, user, body, in_reply_to_id: answers }) => ({
    id: Number(id),
    author: user?.login ?? ghost,
    body,
    ...(answers === undefined ? {} : { answers }),
  }));
}

/** The reviews of a pull request, oldest first; pending ones only where they are our own. */
export async function listReviews(
  github: GitHub,
  { owner, repo, number }: PullReference,
): Promise<readonly PostedReview[]> {
  const reviews = await readPages((page) =>
    github.request('GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews', {
      owner,
      repo,
      pull_number: number,
      per_page: 100,
      page,
    }),
  );
  return reviews.map(({ id, user, body, state }) => ({
    id: Number(id),
    author: user?.login ?? ghost,
    body,
    pending: state === 'PENDING',
  }));
}

/** Posts a review at once; with one comment that GitHub does not take, it takes none. */
export async function createReview(
  github: GitHub,
  { owner, repo, number }: PullReference,
  review: {
    readonly head: string;
    readonly body: string;
    readonly comments: readonly DiffComment[];
  },
): Promise<void> {
  await github.request('POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews', {
    owner,
    repo,
    pull_number: number,
    commit_id: review.head,
    event: 'COMMENT',
    body: review.body,
    comments: review.comments.map(({ path, line, startLine, body }) => ({
      path,
      line,
      side: 'RIGHT',
      ...(startLine === undefined ? {} : { start_line: startLine, start_side: 'RIGHT' }),
      body,
    })),
  });
}

/** Deletes a review that was never submitted. */
export async function deletePendingReview(
  github: GitHub,
  { owner, repo, number }: PullReference,
  review: number,
): Promise<void> {
  await github.request('DELETE /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}', {
    owner,
    repo,
    pull_number: number,
    review_id: review,
  });
}

/** Posts a comment on a file of the diff as a whole. */
export async function createFileComment(
  github: GitHub,
  { owner, repo, number }: PullReference,
  { head, path, body }: { readonly head: string; readonly path: string; readonly body: string },
): Promise<void> {
  await github.request('POST /repos/{owner}/{repo}/pulls/{pull_number}/comments', {
    owner,
    repo,
    pull_number: number,
    commit_id: head,
    path,
    body,
    subject_type: 'file',
  });
}

/** Rewrites a comment on the diff. */
export async function updateDiffComment(
  github: GitHub,
  { owner, repo }: PullReference,
  comment: number,
  body: string,
): Promise<void> {
  await github.request('PATCH /repos/{owner}/{repo}/pulls/comments/{comment_id}', {
    owner,
    repo,
    comment_id: comment,
    body,
    request: { repeatable: true },
  });
}

/** Deletes a comment on the diff. */
export async function deleteDiffComment(
  github: GitHub,
  { owner, repo }: PullReference,
  comment: number,
): Promise<void> {
  await github.request('DELETE /repos/{owner}/{repo}/pulls/comments/{comment_id}', {
    owner,
    repo,
    comment_id: comment,
  });
}
