import { toldChange } from './present/drift-issue.ts';
import type { PostedComment } from './source/github-comments.ts';
import {
  createComment,
  deleteComment,
  listConversation,
  updateComment,
} from './source/github-conversation.ts';
import type { PullReference } from './source/github-pull.ts';
import type { GitHub } from './source/github.ts';

/** A change to be told in one comment of an issue. */
export interface ChangeComment {
  /** The issue; GitHub counts issues and pull requests together. */
  readonly pull: PullReference;
  readonly author: string;
  readonly text: string;
}

/**
 * Tells a change by one comment, whatever happened to an attempt before: one that stands is kept, or written anew where
 * it tells the same change otherwise, and further ones are deleted.
 */
export async function postChange(
  github: GitHub,
  { pull, author, text }: ChangeComment,
): Promise<void> {
  const change = toldChange(text);
  const standing = await listTold(github, { pull, author, text });
  const [oldest] = standing;
  if (oldest === undefined) {
    await createComment(github, pull, text);
  } else if (toldChange(oldest.body)?.fingerprint !== change?.fingerprint) {
    await updateComment(github, pull, oldest.id, text);
  }
  const [, ...duplicates] =
    oldest === undefined ? await listTold(github, { pull, author, text }) : standing;
  for (const { id } of duplicates) {
    await deleteComment(github, pull, id);
  }
}

async function listTold(
  github: GitHub,
  { pull, author, text }: ChangeComment,
): Promise<readonly PostedComment[]> {
  const sequence = toldChange(text)?.sequence;
  return (await listConversation(github, pull)).filter(
    (comment) => comment.author === author && toldChange(comment.body)?.sequence === sequence,
  );
}
