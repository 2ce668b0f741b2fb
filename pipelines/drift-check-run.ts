import { clusterId, entriesOf, fingerprintOf } from './drift/entries.ts';
import type { DriftReport } from './drift/report.ts';
import { claim, finishCheck } from './github-review-check.ts';
import { driftCheck } from './present/drift-check.ts';
import { shorten } from './present/markdown-text.ts';
import { listChecks } from './source/github-checks.ts';
import type { GitHubRepository } from './source/github-pull.ts';
import type { GitHub } from './source/github.ts';

/**
 * Says what a comparison found by a check run on a commit, unless the newest one there says it already. Gives false
 * where that is so. One that was cut off is ended by the run after it.
 */
export async function postDriftCheck(
  github: GitHub,
  repository: GitHubRepository,
  { report, commit }: { readonly report: DriftReport; readonly commit: string },
): Promise<boolean> {
  const name = shorten(`meshgate drift: ${report.cluster}`, 100);
  const found = fingerprintOf(entriesOf(report).map(({ id, value }) => [id, value]));
  const externalId = ['meshgate-drift', clusterId(report.cluster), found, report.verdict].join(':');
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
