import { clusterId, entriesOf, fingerprintOf } from './drift/entries.ts';
import type { DriftReport } from './drift/report.ts';
import { claim, finishCheck } from './github-review-check.ts';
import { driftCheck } from './present/drift-check.ts';
import { shorten } from './present/markdown-text.ts';
import { listChecks, type OwnCheck } from './source/github-checks.ts';
import type { GitHubRepository } from './source/github-pull.ts';
import type { GitHub } from './source/github.ts';

const mark = 'meshgate-drift';
const verdicts = new Set<string | undefined>(['in-sync', 'drift', 'undetermined']);

/** The name of the check runs of a cluster. */
export function driftCheckName(cluster: string): string {
  return shorten(`meshgate drift: ${cluster}`, 100);
}

/** What the comparison found that a check run tells; undefined while that is not known, or where it is none of ours. */
export function verdictOfCheck({ externalId, status }: OwnCheck): string | undefined {
  const [first, , , verdict] = externalId.split(':');
  return first === mark && status === 'completed' && verdicts.has(verdict) ? verdict : undefined;
}

/**
 * Says what a comparison found by a check run on a commit, unless the newest one there says it already. Gives false
 * where that is so. One that was cut off is ended by the run after it.
 */
export async function postDriftCheck(
  github: GitHub,
  repository: GitHubRepository,
  { report, commit }: { readonly report: DriftReport; readonly commit: string },
): Promise<boolean> {
  const name = driftCheckName(report.cluster);
  const found = fingerprintOf(entriesOf(report).map(({ id, value }) => [id, value]));
  const externalId = [mark, clusterId(report.cluster), found, report.verdict].join(':');
  const [newest] = await listChecks(github, repository, commit, name);
  if (newest?.externalId === externalId && newest.status === 'completed') {
    return false;
  }
  const claimed = await claim(github, repository, { commit, externalId, again: true, name });
  if (!('doneBefore' in claimed)) {
    await finishCheck(github, repository, claimed, driftCheck(report));
  }
  return true;
}
