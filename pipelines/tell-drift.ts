import type { CheckedCluster } from './drift-check.ts';
import { postDriftCheck } from './drift-check-run.ts';
import { postDriftIssue } from './drift-issue.ts';
import { emfLines } from './present/drift-metrics-emf.ts';
import { driftMetrics } from './present/drift-metrics.ts';
import { describeGitHubError, isOfGitHub, isRefusal } from './source/github-errors.ts';
import { webAddress } from './source/github-web.ts';
import { tellChange, type NotifyTargets } from './tell-change.ts';

/** Where a comparison was told, for the log. */
export interface Told {
  /** What became of the cluster's issue. */
  readonly issue: string;
  /** False where the commit's check run says the same already, or could not be written. */
  readonly checkRun: boolean;
  /** What could not be told. */
  readonly problems: readonly string[];
  /** GitHub did not answer, or did not let us in: doing it again later tells what was not told, and nothing twice. */
  readonly again: boolean;
}

/**
 * Tells a comparison where people look: the cluster's issue, a check run on the commit, and a change of it at once. What
 * cannot be told in one place is told in the others.
 */
export async function tellDrift(checked: CheckedCluster, targets: NotifyTargets): Promise<Told> {
  const { github, repository, report } = checked;
  const problems: string[] = [];
  let again = false;
  const web = webAddress(github, repository);

  async function attempt<Outcome>(
    what: string,
    tell: () => Promise<Outcome>,
  ): Promise<Outcome | undefined> {
    try {
      return await tell();
    } catch (error) {
      if (!isOfGitHub(error)) {
        throw error;
      }
      again ||= !isRefusal(error, github.clock.now());
      problems.push(`${what} could not be written: ${describeGitHubError(error)}`);
      return undefined;
    }
  }

  const outcome = await attempt('The drift issue', () =>
    postDriftIssue({
      ...checked,
      announce: async (delta, issue) => {
        const link = `${web}/issues${issue === undefined ? '' : `/${String(issue)}`}`;
        problems.push(...(await tellChange(report, delta, { targets, clock: github.clock, link })));
      },
    }),
  );
  problems.push(...(outcome?.problem === undefined ? [] : [outcome.problem]));
  const checkRun = await attempt('The check run', () =>
    postDriftCheck(github, repository, checked),
  );
  return { issue: outcome?.state ?? 'failed', checkRun: checkRun === true, problems, again };
}

/** The numbers of a comparison as lines of a function's log, of which CloudWatch makes metrics. */
export function metricLines({ report, checkedAt }: CheckedCluster): readonly string[] {
  return emfLines(report.cluster, driftMetrics(report, { checkedAt }), checkedAt);
}
