import { reviewPull, type PullOutcome, type PullReview } from '../../../pipelines/github-review.ts';
import type { Files } from '../git-repository.ts';
import { replicasPolicy } from '../review-policy.ts';
import { appClient } from './app-client.ts';
import type { TestClock } from './clock.ts';
import type { GitHubDouble } from './double.ts';
import { servedRepository, type KeptPull } from './state.ts';

const number = 5;

/** Opens the pull request 5 of what leads from one state to the other. */
export function openPull({ state }: GitHubDouble, base: Files, head: Files): KeptPull {
  const { repository, pulls } = state;
  const from = repository.commit(base);
  const pull: KeptPull = {
    number,
    base: from,
    head: repository.commit(head),
    open: true,
    draft: false,
  };
  pulls.set(number, pull);
  return pull;
}

/** Reviews the pull request 5 as the App does. */
export async function runReview(
  double: GitHubDouble,
  clock: TestClock,
  options: Partial<PullReview> = {},
): Promise<PullOutcome> {
  const { owner, repo } = servedRepository;
  return await reviewPull({
    github: appClient(double, clock),
    pull: { owner, repo, number },
    catalogue: [replicasPolicy],
    version: '1.0.0',
    again: false,
    ...options,
  });
}

/** The summaries in the conversation of the pull request. */
export function summariesOf({ state }: GitHubDouble): readonly string[] {
  return state.conversation
    .map(({ body }) => body)
    .filter((body) => body.startsWith('<!-- meshgate:review'));
}
