import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Review } from '../pipelines/review.ts';
import type { PullReference } from '../pipelines/source/github-pull.ts';
import { readEnvironment } from './environment.ts';
import { exitCodeOf, present } from './review-outcome.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

interface Flags {
  readonly base?: string;
  readonly head: string;
  readonly directory: string;
  readonly output: 'markdown' | 'json';
  readonly github?: PullReference;
  readonly post?: true;
  readonly sarif?: true;
}

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
    .addOption(
      new Option('--github <pull>', 'a pull request on GitHub, in place of a local repository')
        .argParser(readPullReference)
        .conflicts(['base', 'directory']),
    )
    .option('--post', 'with --github: say it on the pull request')
    .option('--sarif', 'with --post: hand the findings to code scanning too')
    .addHelpText(
      'after',
      '\nThe configuration is meshgate.yaml of the merge base, never that of the branch.' +
        '\n--github takes OWNER/REPO#NUMBER and needs GITHUB_TOKEN, and GITHUB_API_URL for an Enterprise Server.' +
        '\nExit code: 0 nothing new blocks, 1 new errors, 2 bad usage or unreadable input.',
    )
    .action(async (flags: Flags) => {
      if (flags.github !== undefined) {
        const { reviewOnGitHub } = await import('./review-github.ts');
        const { gitHub, cacheFolder } = readEnvironment();
        const wanted = { ...flags, cacheFolder };
        finish(await reviewOnGitHub(flags.github, wanted, gitHub, terminal));
        return;
      }
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
  const { programPath, home, cacheFolder } = readEnvironment();
  const result = await review({
    repository: { directory: flags.directory, path: programPath, home },
    ...(flags.base === undefined ? {} : { base: flags.base }),
    head: flags.head,
    catalogue,
    now: terminal.now(),
    cacheFolder,
  });
  if ('problem' in result) {
    throw new UsageError(result.problem);
  }
  return result;
}

function readPullReference(text: string): PullReference {
  const match = /^(?<owner>[\w.-]+)\/(?<repo>[\w.-]+)#(?<number>[1-9]\d{0,9})$/u.exec(text);
  const { owner = '', repo = '', number = '' } = match?.groups ?? {};
  if (match === null) {
    throw new InvalidArgumentError('It must look like OWNER/REPO#12.');
  }
  return { owner, repo, number: Number(number) };
}
