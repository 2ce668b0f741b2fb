import { ghost, type PostedComment } from './github-comments.ts';
import { statusOf } from './github-errors.ts';
import type { GitHub } from './github.ts';
import { readPages, type PullReference } from './github-pull.ts';

/** The comments of a pull request's conversation, oldest first. */
export async function listConversation(
  github: GitHub,
  { owner, repo, number }: PullReference,
): Promise<readonly PostedComment[]> {
  const comments = await readPages((page) =>
    github.request('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      owner,
      repo,
      issue_number: number,
      per_page: 100,
      page,
    }),
  );
  return comments.map(({ id, user, body }) => ({
    id: Number(id),
    author: user?.login ?? ghost,
    body: body ?? '',
  }));
}

/** Adds a comment to the conversation. */
export async function createComment(
  github: GitHub,
  { owner, repo, number }: PullReference,
  body: string,
): Promise<void> {
  await github.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
    owner,
    repo,
    issue_number: number,
    body,
  });
}

/** Rewrites a comment of the conversation. */
export async function updateComment(
  github: GitHub,
  { owner, repo }: PullReference,
  comment: number,
  body: string,
): Promise<void> {
  await github.request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
    owner,
    repo,
    comment_id: comment,
    body,
    request: { repeatable: true },
  });
}

/** Deletes a comment of the conversation. */
export async function deleteComment(
  github: GitHub,
  { owner, repo }: PullReference,
  comment: number,
): Promise<void> {
  await github.request('DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}', {
    owner,
    repo,
    comment_id: comment,
  });
}

/** One comment of the conversation; undefined where it was deleted. */
export async function readComment(
  github: GitHub,
  { owner, repo }: PullReference,
  comment: number,
): Promise<PostedComment | undefined> {
  try {
    const { data } = await github.request(
      'GET /repos/{owner}/{repo}/issues/comments/{comment_id}',
      {
        owner,
        repo,
        comment_id: comment,
      },
    );
    return { id: comment, author: data.user?.login ?? ghost, body: data.body ?? '' };
  } catch (error) {
    if (statusOf(error) === 404) {
      return undefined;
    }
    throw error;
  }
}

/** Whether somebody may write to the repository, as GitHub has it now. */
export async function canWrite(
  github: GitHub,
  { owner, repo }: PullReference,
  login: string,
): Promise<boolean> {
  const { data } = await github.request(
    'GET /repos/{owner}/{repo}/collaborators/{username}/permission',
    { owner, repo, username: login },
  );
  return data.permission === 'admin' || data.permission === 'write';
}

/** Adds a reaction to a comment of the conversation, where it is not there yet. */
export async function addReaction(
  github: GitHub,
  { owner, repo }: PullReference,
  comment: number,
  content: 'eyes' | '-1',
): Promise<void> {
  await github.request('POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions', {
    owner,
    repo,
    comment_id: comment,
    content,
    request: { repeatable: true },
  });
}
