import type { PullRequest } from './source/github-pull.ts';

/** What a review is known by: the same pull request, commits and version give the same outcome. */
export function externalIdOf(pull: PullRequest, mergeBase: string, version: string): string {
  const draft = pull.draft ? 'draft' : 'open';
  return [
    'meshgate',
    String(pull.repositoryId),
    String(pull.number),
    pull.head,
    mergeBase,
    draft,
    version,
  ].join(':');
}

/** The pull request in a check run's external id; GitHub names none with the check runs of forks. */
export function pullNumberIn(externalId: string): number | undefined {
  const match = /^meshgate:\d+:(?<number>\d+):[\da-f]{40}:/u.exec(externalId);
  return match === null ? undefined : Number(match.groups?.['number']);
}
