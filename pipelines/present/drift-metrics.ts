import { severities } from '../../policies/core/finding.ts';
import type { DriftReport } from '../drift/report.ts';

/** One number about a cluster; `docs/metrics.md` describes each. */
export interface DriftMetric {
  /** As in Prometheus; CloudWatch has it in its own way of writing. */
  readonly name: string;
  readonly help: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What is known beside the report. */
export interface DriftMoment {
  /** When the cluster was compared, in milliseconds since the epoch. */
  readonly checkedAt: number;
  /** Since when the oldest difference is known; undefined where nothing is remembered. */
  readonly oldest?: number;
}

const verdicts = ['changed', 'missing', 'removed', 'foreign', 'extra'] as const;

/** The numbers of a comparison. Each verdict and severity has one, zero too, so that a graph falls to the ground. */
export function driftMetrics(
  report: DriftReport,
  { checkedAt, oldest }: DriftMoment,
): readonly DriftMetric[] {
  const { drifts, findings, unknown, coverage, verdict } = report;
  const undetermined =
    unknown.length + drifts.filter((drift) => drift.verdict === 'unknown').length;
  const seconds = checkedAt / 1000;
  const one = (name: string, help: string, value: number): DriftMetric => ({
    name: `meshgate_drift_${name}`,
    help,
    labels: {},
    value,
  });
  return [
    ...verdicts.map((each) => ({
      name: 'meshgate_drift_objects',
      help: 'Objects that are not as Git declares, by verdict.',
      labels: { verdict: each },
      value: drifts.filter((drift) => drift.verdict === each).length,
    })),
    ...severities.map((severity) => ({
      name: 'meshgate_drift_findings',
      help: 'What the drift breaks that Git had right, by severity.',
      labels: { severity },
      value: findings.filter(({ finding }) => finding.severity === severity).length,
    })),
    one('undetermined', 'Objects and kinds of which nothing could be told.', undetermined),
    one('declared_objects', 'Objects that Git declares.', coverage.declared),
    one('judged_objects', 'Declared objects that could be judged.', coverage.judged),
    ...(oldest === undefined
      ? []
      : [one('oldest_seconds', 'Age of the oldest difference.', (checkedAt - oldest) / 1000)]),
    one('last_run_timestamp_seconds', 'When the cluster was last compared.', seconds),
    ...(verdict !== 'undetermined' && undetermined === 0
      ? [one(lastSuccess, 'When the cluster was last compared as a whole.', seconds)]
      : []),
  ];
}

const lastSuccess = 'last_success_timestamp_seconds';

/** The metric that an alarm watches: a checker that is dead, or blind, writes it no more. */
export const lastSuccessMetric = `meshgate_drift_${lastSuccess}`;
