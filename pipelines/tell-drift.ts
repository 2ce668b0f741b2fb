import type { CheckedCluster } from './drift-check.ts';
import { postDriftCheck } from './drift-check-run.ts';
import { postDriftIssue, type DriftIssueOutcome } from './drift-issue.ts';
import { emfLines } from './present/drift-metrics-emf.ts';
import { driftMetrics } from './present/drift-metrics.ts';
import { webAddress } from './source/github-web.ts';
import { tellChange, type NotifyTargets } from './tell-change.ts';

/** Where a comparison was told, for the log. */
export interface Told {
  readonly issue: DriftIssueOutcome['state'];
  /** False where the commit's check run says the same already. */
  readonly checkRun: boolean;
  /** What could not be told. */
  readonly problems: readonly string[];
}

/** Tells a comparison where people look: the cluster's issue, a check run on the commit, and a change of it at once. */
export async function tellDrift(checked: CheckedCluster, targets: NotifyTargets): Promise<Told> {
  const { github, repository, report } = checked;
  const problems: string[] = [];
  const web = webAddress(github, repository);
  const { state, problem } = await postDriftIssue({
    ...checked,
    announce: async (delta, issue) => {
      const link = `${web}/issues${issue === undefined ? '' : `/${String(issue)}`}`;
      problems.push(...(await tellChange(report, delta, { targets, clock: github.clock, link })));
    },
  });
  problems.push(...(problem === undefined ? [] : [problem]));
  return { issue: state, checkRun: await postDriftCheck(github, repository, checked), problems };
}

/** The numbers of a comparison as lines of a function's log, of which CloudWatch makes metrics. */
export function metricLines({ report, checkedAt }: CheckedCluster): readonly string[] {
  return emfLines(report.cluster, driftMetrics(report, { checkedAt }), checkedAt);
}
