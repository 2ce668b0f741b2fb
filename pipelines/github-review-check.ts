import { toCheckInterruption, type CheckOutcome } from './present/check-run.ts';
import {
  concludeCheck,
  countAnnotations,
  createCheck,
  listChecks,
  reviewCheck,
  updateCheck,
  type OwnCheck,
} from './source/github-checks.ts';
import { describeGitHubError, isUncertain, statusOf } from './source/github-errors.ts';
import { readPull, type GitHubRepository, type PullRequest } from './source/github-pull.ts';
import type { GitHub } from './source/github.ts';

/** The check run of a review, by which it holds its commit: whoever has the newest one may write. */
export interface Claim {
  readonly commit: string;
  /** Undefined where the check run may not be written: nobody can be asked to stand back then. */
  readonly check: number | undefined;
  readonly name: string;
}

/** Why there is nothing to do: this was reviewed before. */
export interface DoneBefore {
  readonly doneBefore: true;
}

const batch = 50;
const mostAttempts = 3;
const finished: ReadonlySet<string | undefined> = new Set(['success', 'neutral', 'failure']);

/**
 * Takes a commit: starts a check run, and ends the older ones, whoever still works on them. A review that has an
 * outcome is not done again unless `again`.
 */
export async function claim(
  github: GitHub,
  repository: GitHubRepository,
  {
    commit,
    externalId,
    again,
    name = reviewCheck,
  }: { commit: string; externalId: string; again: boolean; name?: string },
): Promise<Claim | DoneBefore> {
  const standing = await listChecks(github, repository, commit, name);
  const done = standing.find((check) => check.externalId === externalId);
  if (!again && done?.status === 'completed' && finished.has(done.conclusion)) {
    return { doneBefore: true };
  }
  const check = await startCheck(github, repository, { commit, externalId, name });
  if (check !== undefined) {
    await cancelChecks(github, repository, standing);
  }
  return { commit, check, name };
}

async function startCheck(
  github: GitHub,
  repository: GitHubRepository,
  wanted: { readonly commit: string; readonly externalId: string; readonly name: string },
): Promise<number | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await createCheck(github, repository, wanted);
    } catch (error) {
      if (statusOf(error) === 403) {
        return undefined;
      }
      if (!isUncertain(error) || attempt >= mostAttempts) {
        throw error;
      }
      // One that was made all the same is ended by whoever claims the commit next, which is this run.
      await github.clock.sleep(1000 * attempt);
    }
  }
}

/** Ends the check runs of a commit that nobody may finish any more. */
export async function cancelChecks(
  github: GitHub,
  repository: GitHubRepository,
  checks: readonly OwnCheck[],
): Promise<void> {
  for (const check of checks) {
    if (check.status !== 'completed') {
      await cancelCheck(github, repository, check);
    }
  }
}

async function cancelCheck(
  github: GitHub,
  repository: GitHubRepository,
  { id, name }: Pick<OwnCheck, 'id' | 'name'>,
): Promise<void> {
  await concludeCheck(github, repository, id, {
    conclusion: 'cancelled',
    name,
    output: { title: 'Superseded', summary: 'A newer run takes the place of this one.' },
  });
}

/**
 * Whether a run may still write: the pull request is open at its commit and goes to the same branch, and no other run
 * has claimed that since.
 */
export async function holds(
  github: GitHub,
  pull: PullRequest,
  { commit, check }: Claim,
): Promise<boolean> {
  const now = await readPull(github, pull);
  const isSame = now.baseBranch === pull.baseBranch && now.draft === pull.draft;
  if (!now.open || now.head !== commit || !isSame) {
    return false;
  }
  const [newest] = check === undefined ? [] : await listChecks(github, pull, commit);
  return newest === undefined || newest.id === check;
}

/** Ends a claim's check run as superseded. */
export async function yieldClaim(
  github: GitHub,
  repository: GitHubRepository,
  { check, name }: Claim,
): Promise<void> {
  if (check !== undefined) {
    await cancelCheck(github, repository, { id: check, name });
  }
}

/**
 * Shows an outcome: annotations in batches, each of them once however often a request fails, then the conclusion. Older
 * check runs that an unanswered request left behind are ended too.
 */
export async function finishCheck(
  github: GitHub,
  repository: GitHubRepository,
  { commit, check, name }: Claim,
  outcome: CheckOutcome,
): Promise<void> {
  if (check === undefined) {
    return;
  }
  const { annotations, conclusion, ...output } = outcome;
  let attempts = 0;
  for (let sent = 0; sent < annotations.length;) {
    const part = annotations.slice(sent, sent + batch);
    try {
      await updateCheck(github, repository, check, { ...output, annotations: part });
      sent += part.length;
    } catch (error) {
      attempts += 1;
      if (!isUncertain(error) || attempts >= mostAttempts) {
        throw error;
      }
      await github.clock.sleep(1000 * attempts);
      sent = await countAnnotations(github, repository, check);
    }
  }
  await concludeCheck(github, repository, check, { conclusion, output, name });
  const others = (await listChecks(github, repository, commit, name)).filter(
    ({ id }) => id < check,
  );
  await cancelChecks(github, repository, others);
}

/** A check run that is never finished would block its pull request for ever. */
export async function reportFailure(
  github: GitHub,
  repository: GitHubRepository,
  claimed: Claim,
  error: unknown,
): Promise<void> {
  try {
    const problem = `The review ended early: ${describeGitHubError(error)}. Review it again with the button above.`;
    await finishCheck(github, repository, claimed, toCheckInterruption(problem));
  } catch {
    // GitHub does not answer; the error itself is what is reported.
  }
}
