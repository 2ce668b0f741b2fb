import { isStickyComment, saysTheSame } from './present/sticky-comment.ts';
import {
  createComment,
  deleteComment,
  listConversation,
  updateComment,
} from './source/github-conversation.ts';
import { describeGitHubError, isUncertain, statusOf } from './source/github-errors.ts';
import type { PullReference } from './source/github-pull.ts';
import type { GitHub } from './source/github.ts';

const mostAttempts = 3;

/**
 * Makes the summary comment say this: written only where it differs, the oldest kept where there are several. Gives
 * what could not be posted, for people.
 */
export async function postSticky(
  github: GitHub,
  pull: PullReference,
  author: string,
  body: string,
): Promise<readonly string[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await postOnce(github, pull, author, body);
      return [];
    } catch (error) {
      if ([403, 404, 410, 422].includes(statusOf(error) ?? 0)) {
        return [`The summary comment could not be posted: ${describeGitHubError(error)}`];
      }
      if (!isUncertain(error) || attempt >= mostAttempts) {
        throw error;
      }
      await github.clock.sleep(1000 * attempt);
    }
  }
}

async function postOnce(
  github: GitHub,
  pull: PullReference,
  author: string,
  body: string,
): Promise<void> {
  const own = (await listConversation(github, pull)).filter(
    (comment) => comment.author === author && isStickyComment(comment.body),
  );
  const [oldest, ...duplicates] = own;
  if (oldest === undefined) {
    await createComment(github, pull, body);
  } else if (!saysTheSame(oldest.body, body)) {
    await updateComment(github, pull, oldest.id, body);
  }
  for (const { id } of duplicates) {
    await deleteComment(github, pull, id);
  }
}
