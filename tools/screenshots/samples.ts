import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toCheckOutcome, type CheckOutcome } from '../../pipelines/present/check-run.ts';
import { planComments, type InlineComment } from '../../pipelines/present/review-comments.ts';
import { toStickyComment } from '../../pipelines/present/sticky-comment.ts';
import { review } from '../../pipelines/review.ts';
import { catalogue } from '../../policies/index.ts';
import { git } from '../demo/programs.ts';
import { changeBranch, createRepository } from '../demo/repository.ts';
import { readToolEnvironment } from '../install/environment.ts';

/** What is said on the pull request of the demonstration. */
export interface Samples {
  readonly sticky: string;
  readonly comments: readonly SampleComment[];
  readonly check: CheckOutcome;
}

/** A comment on lines of a diff, and the lines. */
export interface SampleComment extends InlineComment {
  readonly lines: readonly string[];
}

/** Reviews the prepared change of the example, as it is reviewed on GitHub. */
export async function makeSamples(): Promise<Samples> {
  const example = createRepository();
  const { folder } = example;
  try {
    const path = readToolEnvironment().path.join(':');
    const repository = { directory: folder, path };
    const request = { repository, base: 'main', head: changeBranch, catalogue, now: Date.now() };
    const result = await review(request);
    if ('problem' in result) {
      throw new Error(result.problem);
    }
    const names = git(folder, 'diff', '--name-only', 'main', changeBranch).trim().split('\n');
    const files = names.map((name) => {
      const patch = git(folder, 'diff', 'main', changeBranch, '--', name);
      return { path: name, removed: false, patch: patch.slice(patch.indexOf('\n@@') + 1) };
    });
    const { inline } = planComments(result.introduced, files);
    const comments = inline.map((comment) => {
      const text = readFileSync(join(folder, comment.path), 'utf8').split('\n');
      return {
        ...comment,
        lines: text.slice((comment.startLine ?? comment.line) - 1, comment.line),
      };
    });
    return { sticky: toStickyComment(result), comments, check: toCheckOutcome(result, []) };
  } finally {
    example.remove();
  }
}
