import { compareWithRecord, type DriftDelta } from './drift/record.ts';
import { readRecord } from './drift/record-text.ts';
import { clusterId } from './drift/entries.ts';
import type { DriftReport } from './drift/report.ts';
import { deltaComment, driftIssue, duplicateText } from './present/drift-issue.ts';
import { postChange } from './drift-issue-comment.ts';
import { readOwnLogin } from './source/github-comments.ts';
import { describeGitHubError, isRefusal, isUncertain } from './source/github-errors.ts';
import {
  createIssue,
  listIssues,
  updateIssue,
  type IssueChange,
  type PostedIssue,
} from './source/github-issues.ts';
import type { GitHubRepository } from './source/github-pull.ts';
import type { GitHub } from './source/github.ts';

/** The label by which the issues are found. */
const driftLabel = 'meshgate-drift';

/** A comparison to be told in the issue of its cluster and repository. */
export interface DriftPosting {
  readonly github: GitHub;
  readonly repository: GitHubRepository;
  readonly report: DriftReport;
  /** When the cluster was compared, in milliseconds since the epoch. */
  readonly checkedAt: number;
  /** The commit that it was compared with. */
  readonly commit?: string;
  /** Where people read the repository's files; no links where it is absent. */
  readonly linkTo?: (file: string, line: number) => string;
  /** Told of each change before it counts as told, once in this run; a run that is cut off may tell again. */
  readonly announce?: (delta: DriftDelta, issue: number | undefined) => Promise<void>;
}

/** What became of the issue. */
export interface DriftIssueOutcome {
  readonly state:
    | 'nothing-to-tell'
    | 'opened'
    | 'updated'
    | 'changed'
    | 'closed'
    | 'reopened'
    | 'superseded'
    | 'refused';
  readonly issue?: number;
  /** What differs from the check before; absent where this check was not the newest. */
  readonly delta?: DriftDelta;
  /** Why GitHub did not take it, for people. */
  readonly problem?: string;
}

const mostAttempts = 4;
/** A cluster that drifts again within this time goes on in the same issue. */
const reopenedWithinMilliseconds = 7 * 24 * 3_600_000;

/**
 * Makes the one issue of a cluster say what a comparison found: opened with the first difference, written anew in
 * place, told of by one comment for each change, closed when all is in order. What stands is read before each attempt,
 * so runs that were cut off, repeated or at work at once leave what one would.
 */
export async function postDriftIssue(given: DriftPosting): Promise<DriftIssueOutcome> {
  const posting = { ...given, announce: announceOnce(given) };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await postOnce(posting);
    } catch (error) {
      if (isRefusal(error, posting.github.clock.now())) {
        const problem = `The drift issue could not be written: ${describeGitHubError(error)}`;
        return { state: 'refused', problem };
      }
      if (!isUncertain(error) || attempt >= mostAttempts) {
        throw error;
      }
      await posting.github.clock.sleep(1000 * attempt ** 2);
    }
  }
}

/** A change is announced once, however often its issue has to be written. */
function announceOnce({ announce }: DriftPosting): NonNullable<DriftPosting['announce']> {
  const told = new Set<string>();
  return async (delta, issue) => {
    const change = `${String(delta.record.sequence)} ${delta.record.fingerprint}`;
    if (!told.has(change)) {
      told.add(change);
      await announce?.(delta, issue);
    }
  };
}

async function postOnce(posting: DriftPosting): Promise<DriftIssueOutcome> {
  const { github, report, checkedAt } = posting;
  const author = await readOwnLogin(github);
  const standing = await findIssues(posting, author, driftLabel);
  const found = standing.length > 0 ? standing : await findIssues(posting, author);
  const current = currentOf(found, checkedAt);
  const previous = current === undefined ? undefined : readRecord(current.body);
  if (previous !== undefined && previous.checked > checkedAt) {
    return { state: 'superseded' };
  }
  const delta = compareWithRecord(previous, report, checkedAt);
  if (current === undefined) {
    return await openIssue(posting, author, delta);
  }
  const outcome = await bringUpToDate(posting, { author, current }, delta);
  await closeDuplicates(posting, found, current.number);
  return outcome;
}

/** Our issues about this cluster, the oldest first. */
async function findIssues(
  { github, repository, report }: DriftPosting,
  author: string,
  label?: string,
): Promise<readonly PostedIssue[]> {
  const issues = await listIssues(github, repository, {
    author,
    ...(label === undefined ? {} : { label }),
  });
  return issues
    .filter(
      (issue) =>
        issue.author === author && readRecord(issue.body)?.cluster === clusterId(report.cluster),
    )
    .toSorted((left, right) => left.number - right.number);
}

/** The oldest open issue, else the newest closed one that may go on; undefined where a new one is due. */
function currentOf(issues: readonly PostedIssue[], now: number): PostedIssue | undefined {
  const open = issues.find((issue) => issue.open);
  const newest = issues.at(-1);
  if (open !== undefined || newest === undefined) {
    return open;
  }
  const byHand = readRecord(newest.body)?.drifting === true;
  const recent = now - (newest.closedAt ?? 0) < reopenedWithinMilliseconds;
  return byHand || recent ? newest : undefined;
}

async function openIssue(
  posting: DriftPosting,
  author: string,
  delta: DriftDelta,
): Promise<DriftIssueOutcome> {
  const { github, repository, report } = posting;
  if (delta.record.total === 0) {
    return { state: 'nothing-to-tell', delta };
  }
  const text = driftIssue(report, delta.record, posting);
  await posting.announce?.(delta, undefined);
  const issue = await createIssue(github, repository, { ...text, label: driftLabel });
  // Another run may have opened one at the same moment: the older one stays.
  const all = await findIssues(posting, author);
  const open = all.filter((each) => each.open);
  const oldest = open[0]?.number ?? issue;
  await closeDuplicates(posting, open, oldest);
  return { state: 'opened', issue: oldest, delta };
}

async function bringUpToDate(
  posting: DriftPosting,
  { author, current }: { readonly author: string; readonly current: PostedIssue },
  delta: DriftDelta,
): Promise<DriftIssueOutcome> {
  const { github, repository, report } = posting;
  const { open, number } = current;
  const wanted = delta.record.drifting && (open || delta.record.total > 0);
  if (!open && !wanted) {
    return { state: 'nothing-to-tell', issue: number, delta };
  }
  const reopens = wanted && !open;
  const told: DriftDelta = reopens && !delta.changed ? withNextChange(delta) : delta;
  if (told.changed) {
    const text = deltaComment(report, told, openingOf(wanted, open));
    await postChange(github, { pull: { ...repository, number }, author, text });
    await posting.announce?.(told, number);
  }
  const { body } = driftIssue(report, told.record, posting);
  await updateIssue(github, repository, number, {
    body,
    ...labelChange(current),
    ...(wanted === open ? {} : stateChange(wanted)),
  });
  return { state: nameOf(wanted, open, delta.changed), issue: number, delta: told };
}

/** Nothing differs from before, but people are told that the issue is open again. */
function withNextChange(delta: DriftDelta): DriftDelta {
  const record = { ...delta.record, sequence: delta.record.sequence + 1 };
  return { ...delta, record, changed: true };
}

function openingOf(wanted: boolean, open: boolean): 'open' | 'closing' | 'reopening' {
  if (!wanted) {
    return 'closing';
  }
  return open ? 'open' : 'reopening';
}

function labelChange({ labels }: PostedIssue): IssueChange {
  return labels.includes(driftLabel) ? {} : { labels: [...labels, driftLabel] };
}

function stateChange(open: boolean): IssueChange {
  return open ? { state: 'open', reason: 'reopened' } : { state: 'closed', reason: 'completed' };
}

function nameOf(wanted: boolean, open: boolean, changed: boolean): DriftIssueOutcome['state'] {
  if (wanted !== open) {
    return wanted ? 'reopened' : 'closed';
  }
  return changed ? 'changed' : 'updated';
}

async function closeDuplicates(
  { github, repository }: DriftPosting,
  issues: readonly PostedIssue[],
  original: number,
): Promise<void> {
  for (const { number, open } of issues) {
    if (open && number !== original) {
      await updateIssue(github, repository, number, {
        body: duplicateText(original),
        state: 'closed',
        reason: 'duplicate',
      });
    }
  }
}
