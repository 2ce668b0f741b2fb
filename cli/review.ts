import { Option, type Command } from 'commander';
import type { Review } from '../pipelines/review.ts';
import { readEnvironment } from './environment.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

interface Flags {
  readonly base?: string;
  readonly head: string;
  readonly directory: string;
  readonly output: 'markdown' | 'json';
}

/** What a review says to whatever runs it: nothing new blocks, something does, or something could not be read. */
const exitCodes = { clear: 0, blocked: 1, unusable: 2 } as const;

/** Adds `meshgate review`: what a branch of a local repository does to the mesh. */
export function addReviewCommand(
  program: Command,
  terminal: Terminal,
  finish: (exitCode: number) => void,
): void {
  program
    .command('review')
    .description('review what a branch does to the mesh, from its merge base on')
    .option('--base <revision>', "the base branch (default: origin's default branch, else main)")
    .option('--head <revision>', 'what is reviewed', 'HEAD')
    .option('-C, --directory <folder>', 'the repository, or a folder inside it', '.')
    .addOption(
      new Option('-o, --output <format>', 'a pull request comment, or JSON')
        .choices(['markdown', 'json'])
        .default('markdown'),
    )
    .addHelpText(
      'after',
      '\nThe configuration is meshgate.yaml of the merge base, never that of the branch.' +
        '\nExit code: 0 nothing new blocks, 1 new errors, 2 bad usage or unreadable input.',
    )
    .action(async (flags: Flags) => {
      const review = await runReview(flags, terminal);
      terminal.out(await present(review, flags.output));
      finish(exitCodeOf(review));
    });
}

async function runReview(flags: Flags, terminal: Terminal): Promise<Review> {
  const [{ review }, { catalogue }] = await Promise.all([
    import('../pipelines/review.ts'),
    import('../policies/index.ts'),
  ]);
  const { programPath, home } = readEnvironment();
  const result = await review({
    repository: { directory: flags.directory, path: programPath, home },
    ...(flags.base === undefined ? {} : { base: flags.base }),
    head: flags.head,
    catalogue,
    now: terminal.now(),
  });
  if ('problem' in result) {
    throw new UsageError(result.problem);
  }
  return result;
}

async function present(review: Review, output: Flags['output']): Promise<string> {
  if (output === 'json') {
    const { toJsonReview } = await import('../pipelines/present/json-review.ts');
    return `${JSON.stringify(toJsonReview(review), undefined, 2)}\n`;
  }
  const { toMarkdown } = await import('../pipelines/present/markdown-review.ts');
  return toMarkdown(review);
}

function exitCodeOf({ verdict }: Review): number {
  switch (verdict) {
    case 'blocked':
      return exitCodes.blocked;
    case 'incomplete':
      return exitCodes.unusable;
    case 'clear':
      return exitCodes.clear;
  }
}
