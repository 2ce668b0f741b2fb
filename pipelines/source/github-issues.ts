import { ghost } from './github-comments.ts';
import { readPages, type GitHubRepository } from './github-pull.ts';
import type { GitHub } from './github.ts';

/** An issue of a repository; never a pull request. */
export interface PostedIssue {
  readonly number: number;
  readonly author: string;
  readonly open: boolean;
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
  /** Milliseconds since the epoch; undefined where it is open. */
  readonly closedAt: number | undefined;
}

/** What an issue becomes; what is left out stays as it is. */
export interface IssueChange {
  readonly title?: string;
  readonly body?: string;
  readonly labels?: readonly string[];
  readonly state?: 'open' | 'closed';
  readonly reason?: 'completed' | 'duplicate' | 'reopened';
}

/** Somebody's issues, open and closed, newest first; those with a label where one is named. */
export async function listIssues(
  github: GitHub,
  { owner, repo }: GitHubRepository,
  { author, label }: { readonly author: string; readonly label?: string },
): Promise<readonly PostedIssue[]> {
  const issues = await readPages((page) =>
    github.request('GET /repos/{owner}/{repo}/issues', {
      owner,
      repo,
      state: 'all',
      creator: author,
      ...(label === undefined ? {} : { labels: label }),
      per_page: 100,
      page,
    }),
  );
  return issues
    .filter((issue) => issue.pull_request === undefined)
    .map(({ number, user, state, title, body, labels, closed_at: closed }) => ({
      number,
      author: user?.login ?? ghost,
      open: state === 'open',
      title,
      body: body ?? '',
      labels: labels.map((each) => (typeof each === 'string' ? each : (each.name ?? ''))),
      closedAt: closed === null ? undefined : Date.parse(closed),
    }));
}

/** Opens an issue. GitHub makes a label that it does not know, and may leave out one that the client may not set. */
export async function createIssue(
  github: GitHub,
  { owner, repo }: GitHubRepository,
  issue: { readonly title: string; readonly body: string; readonly label: string },
): Promise<number> {
  const { data } = await github.request('POST /repos/{owner}/{repo}/issues', {
    owner,
    repo,
    title: issue.title,
    body: issue.body,
    labels: [issue.label],
  });
  return data.number;
}

/** Changes an issue; doing it twice does no more than doing it once. */
export async function updateIssue(
  github: GitHub,
  { owner, repo }: GitHubRepository,
  number: number,
  { reason, labels, ...change }: IssueChange,
): Promise<void> {
  await github.request('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
    owner,
    repo,
    issue_number: number,
    ...change,
    ...(labels === undefined ? {} : { labels: [...labels] }),
    ...(reason === undefined ? {} : { state_reason: reason }),
    request: { repeatable: true },
  });
}
