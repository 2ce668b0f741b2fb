import { parseCommand, type Command } from './github-review-command.ts';
import {
  explainAnswer,
  exemptAnswer,
  isAnswerTo,
  usageAnswer,
} from './present/review-comments-answers.ts';
import { readPullReview, reviewPull, type PullReview } from './github-review.ts';
import { readOwnLogin } from './source/github-comments.ts';
import {
  addReaction,
  canWrite,
  createComment,
  listConversation,
  readComment,
} from './source/github-conversation.ts';
import { readCommitPair, readPull } from './source/github-pull.ts';
import type { ReviewedFinding } from './review.ts';

/** A comment that may hold a command. */
export interface CommentCommand extends Omit<PullReview, 'again' | 'before'> {
  readonly comment: number;
}

/**
 * Does what a comment asks for, where its author may write to the repository; others see a thumb down. An answer is
 * given once, however often the command is run.
 */
export async function runCommand(request: CommentCommand): Promise<{ readonly state: string }> {
  const { github, pull, comment: id } = request;
  const comment = await readComment(github, pull, id);
  const command = comment === undefined ? undefined : parseCommand(comment.body);
  if (comment === undefined || command === undefined) {
    return { state: 'no-command' };
  }
  if (!(await canWrite(github, pull, comment.author))) {
    await addReaction(github, pull, id, '-1');
    return { state: 'not-allowed' };
  }
  await addReaction(github, pull, id, 'eyes');
  if (command.kind === 'recheck') {
    return await reviewPull({ ...request, again: true });
  }
  const author = await readOwnLogin(github);
  const conversation = await listConversation(github, pull);
  if (conversation.some((other) => other.author === author && isAnswerTo(id, other.body))) {
    return { state: 'answered-before' };
  }
  await createComment(github, pull, await answer(request, command));
  return { state: 'answered' };
}

async function answer(
  request: CommentCommand,
  command: Exclude<Command, { kind: 'recheck' }>,
): Promise<string> {
  const { catalogue, comment } = request;
  switch (command.kind) {
    case 'explain':
      return explainAnswer(comment, command.policy, catalogue);
    case 'exempt':
      return exemptAnswer(comment, command, catalogue, await findingsOn(request));
    case 'unknown':
      return usageAnswer(comment);
  }
}

/** What there is to exempt on a pull request as it stands. */
async function findingsOn(request: CommentCommand): Promise<readonly ReviewedFinding[]> {
  const { github } = request;
  const pull = await readPull(github, request.pull);
  const commits = await readCommitPair(github, pull, pull.base, pull.head);
  const review = await readPullReview(request, pull, commits);
  return 'problem' in review ? [] : [...review.introduced, ...review.remaining];
}
