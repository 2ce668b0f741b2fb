import type { GitHub } from './github.ts';
import type { GitHubRepository } from './github-pull.ts';

/** The name of a review's check run; what branch protection asks for. */
export const reviewCheck = 'meshgate';

/** What a user asks for by the button of a check run. */
export const rerunAction = 'rerun';

const againAction = {
  label: 'Review again',
  description: 'Reviews this commit once more',
  identifier: rerunAction,
};

/** A check run of ours. */
export interface OwnCheck {
  readonly id: number;
  readonly name: string;
  readonly externalId: string;
  readonly status: string;
  readonly conclusion: string | undefined;
  readonly title: string;
}

/** What a check run shows, as GitHub takes it. */
export interface CheckOutput {
  readonly title: string;
  readonly summary: string;
  readonly text?: string;
  readonly annotations?: readonly CheckOutputAnnotation[];
}

interface CheckOutputAnnotation {
  readonly path: string;
  readonly start_line: number;
  readonly end_line: number;
  readonly start_column?: number;
  readonly end_column?: number;
  readonly annotation_level: 'notice' | 'warning' | 'failure';
  readonly message: string;
  readonly title?: string;
}

/** How a check run ends. */
export type CheckConclusion = 'success' | 'neutral' | 'failure' | 'cancelled' | 'skipped';

/** Our check runs of one name on a commit, newest first; all attempts, not only the latest. */
export async function listChecks(
  github: GitHub,
  { owner, repo }: GitHubRepository,
  commit: string,
  name: string = reviewCheck,
): Promise<readonly OwnCheck[]> {
  const { data } = await github.request('GET /repos/{owner}/{repo}/commits/{ref}/check-runs', {
    owner,
    repo,
    ref: commit,
    check_name: name,
    filter: 'all',
    per_page: 100,
    ...(github.appId === undefined ? {} : { app_id: github.appId }),
  });
  return data.check_runs
    .map(({ id, external_id: externalId, status, conclusion, output }) => ({
      id: Number(id),
      name,
      externalId: externalId ?? '',
      status,
      conclusion: conclusion ?? undefined,
      title: output.title ?? '',
    }))
    .toSorted((left, right) => right.id - left.id);
}

/** Starts a check run and gives its id. */
export async function createCheck(
  github: GitHub,
  { owner, repo }: GitHubRepository,
  check: { readonly commit: string; readonly externalId: string; readonly name: string },
): Promise<number> {
  const { data } = await github.request('POST /repos/{owner}/{repo}/check-runs', {
    owner,
    repo,
    name: check.name,
    head_sha: check.commit,
    external_id: check.externalId,
    status: 'in_progress',
  });
  return Number(data.id);
}

/** Changes what a check run shows. Annotations are added to those that it has. */
export async function updateCheck(
  github: GitHub,
  { owner, repo }: GitHubRepository,
  check: number,
  output: CheckOutput,
): Promise<void> {
  await github.request('PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}', {
    owner,
    repo,
    check_run_id: check,
    output: { ...output, annotations: [...(output.annotations ?? [])] },
  });
}

/** Ends a check run, that of a review with a button to run it again. */
export async function concludeCheck(
  github: GitHub,
  { owner, repo }: GitHubRepository,
  check: number,
  {
    conclusion,
    output,
    name,
  }: {
    readonly conclusion: CheckConclusion;
    readonly output: CheckOutput;
    readonly name: string;
  },
): Promise<void> {
  const { title, summary, text } = output;
  await github.request('PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}', {
    owner,
    repo,
    check_run_id: check,
    status: 'completed',
    conclusion,
    output: { title, summary, ...(text === undefined ? {} : { text }) },
    ...(name === reviewCheck ? { actions: [againAction] } : {}),
    request: { repeatable: true },
  });
}

/** How many annotations a check run has. */
export async function countAnnotations(
  github: GitHub,
  { owner, repo }: GitHubRepository,
  check: number,
): Promise<number> {
  const { data } = await github.request('GET /repos/{owner}/{repo}/check-runs/{check_run_id}', {
    owner,
    repo,
    check_run_id: check,
  });
  return data.output.annotations_count;
}
