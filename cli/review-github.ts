import { readPullReview, reviewPull } from '../pipelines/github-review.ts';
import { createRendering, type Rendering } from '../pipelines/render/rendering.ts';
import { describeGitHubError, gitHubErrorOf } from '../pipelines/source/github-errors.ts';
import { readCommitPair, readPull, type PullReference } from '../pipelines/source/github-pull.ts';
import type { GitHub } from '../pipelines/source/github.ts';
import { catalogue } from '../policies/index.ts';
import type { GitHubEnvironment } from './environment.ts';
import { exitCodeOf, present } from './review-outcome.ts';
import { openGitHub } from './open-github.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { version } from './version.ts';

interface Wanted {
  readonly output: 'markdown' | 'json';
  readonly post?: true;
  readonly sarif?: true;
  /** Where other runs may have left what they rendered; undefined: nowhere. */
  readonly cacheFolder?: string | undefined;
}

/**
 * Reviews a pull request on GitHub and prints the review, or with `post` says it there. Gives the exit code. Throws a
 * UsageError where GitHub refuses.
 */
export async function reviewOnGitHub(
  pull: PullReference,
  flags: Wanted,
  environment: GitHubEnvironment,
  terminal: Terminal,
): Promise<number> {
  const github = openGitHub(environment, terminal, 'read the pull request');
  const rendering = createRendering(flags.cacheFolder);
  const asked = { github, pull, rendering, terminal };
  try {
    return flags.post === true
      ? await postReview(asked, flags.sarif === true)
      : await printReview(asked, flags.output);
  } catch (error) {
    if (gitHubErrorOf(error) === undefined) {
      throw error;
    }
    throw new UsageError(
      `${describeGitHubError(error)}; see that GITHUB_TOKEN may read ${pull.owner}/${pull.repo}`,
    );
  } finally {
    await rendering.renderer.close();
  }
}

interface Asked {
  readonly github: GitHub;
  readonly pull: PullReference;
  readonly rendering: Rendering;
  readonly terminal: Terminal;
}

async function printReview(
  { github, pull: reference, rendering, terminal }: Asked,
  output: Wanted['output'],
): Promise<number> {
  const pull = await readPull(github, reference);
  const commits = await readCommitPair(github, pull, pull.base, pull.head);
  const review = await readPullReview({ github, catalogue, rendering }, pull, commits);
  if ('problem' in review) {
    throw new UsageError(review.problem);
  }
  terminal.out(await present(review, output));
  return exitCodeOf(review);
}

async function postReview(
  { github, pull, rendering, terminal }: Asked,
  sarif: boolean,
): Promise<number> {
  const outcome = await reviewPull({
    github,
    pull,
    catalogue,
    rendering,
    version,
    again: true,
    sarif,
  });
  if (outcome.state === 'unreviewable') {
    throw new UsageError(outcome.problem);
  }
  if (outcome.state !== 'reviewed') {
    terminal.err(`meshgate: nothing said, the pull request is ${outcome.state}\n`);
    return 0;
  }
  for (const note of outcome.unposted) {
    terminal.err(`meshgate: ${note}\n`);
  }
  return exitCodeOf(outcome);
}
