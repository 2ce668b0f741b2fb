import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { postDriftIssue, type DriftIssueOutcome } from '../../pipelines/drift-issue.ts';
import type { DriftReport } from '../../pipelines/drift/report.ts';
import { driftMetrics } from '../../pipelines/present/drift-metrics.ts';
import {
  prometheusText,
  type ClusterMetrics,
} from '../../pipelines/present/drift-metrics-prometheus.ts';
import { plainLine } from '../../pipelines/present/escape.ts';
import { describeGitHubError, isOfGitHub } from '../../pipelines/source/github-errors.ts';
import type { GitHubRepository } from '../../pipelines/source/github-pull.ts';
import { webAddress } from '../../pipelines/source/github-web.ts';
import { describeSystemError } from '../../pipelines/source/read-text.ts';
import { tellChange } from '../../pipelines/tell-change.ts';
import type { CliEnvironment } from '../environment.ts';
import { openGitHub } from '../open-github.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';
import type { DriftActions } from './actions.ts';

/**
 * Says what was found in issues and metrics, as far as that was asked for. Gives false where an issue could not be
 * written. Throws a UsageError where there is no token, or the metrics cannot be written.
 */
export async function tellReports(
  reports: readonly DriftReport[],
  { github: repository, metricsFile }: DriftActions,
  environment: CliEnvironment,
  terminal: Terminal,
): Promise<boolean> {
  const checkedAt = terminal.now();
  let told = true;
  const clusters: ClusterMetrics[] = [];
  for (const report of reports) {
    const outcome =
      repository === undefined
        ? undefined
        : await tellIssue(report, { repository, checkedAt }, environment, terminal);
    told &&= repository === undefined || (outcome !== undefined && outcome.problem === undefined);
    const oldest = oldestIn(outcome);
    const moment = { checkedAt, ...(oldest === undefined ? {} : { oldest }) };
    clusters.push({ cluster: report.cluster, metrics: driftMetrics(report, moment) });
  }
  if (metricsFile !== undefined) {
    writeMetrics(metricsFile, (previous) => prometheusText(clusters, previous));
  }
  return told;
}

async function tellIssue(
  report: DriftReport,
  { repository, checkedAt }: { readonly repository: GitHubRepository; readonly checkedAt: number },
  { gitHub, notify }: CliEnvironment,
  terminal: Terminal,
): Promise<DriftIssueOutcome | undefined> {
  const github = openGitHub(gitHub, terminal, 'write issues of the repository');
  const web = webAddress(github, repository);
  try {
    const outcome = await postDriftIssue({
      github,
      repository,
      report,
      checkedAt,
      announce: async (delta, issue) => {
        const link = `${web}/issues${issue === undefined ? '' : `/${String(issue)}`}`;
        const told = { targets: notify, clock: github.clock, link };
        for (const problem of await tellChange(report, delta, told)) {
          terminal.err(`meshgate: ${plainLine(problem)}\n`);
        }
      },
    });
    const number = outcome.issue === undefined ? '' : ` #${String(outcome.issue)}`;
    const what = outcome.problem ?? `issue${number}: ${outcome.state}`;
    terminal.err(`meshgate: ${plainLine(`${report.cluster}: ${what}`)}\n`);
    return outcome;
  } catch (error) {
    if (!isOfGitHub(error)) {
      throw error;
    }
    const what = `the issue could not be written: ${describeGitHubError(error)}`;
    terminal.err(`meshgate: ${plainLine(`${report.cluster}: ${what}`)}\n`);
    return undefined;
  }
}

function oldestIn(outcome: DriftIssueOutcome | undefined): number | undefined {
  const times = [...(outcome?.delta?.record.known.values() ?? [])].map(({ since }) => since);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** In one step, since a collector may read at any moment. */
function writeMetrics(file: string, textFor: (previous: string) => string): void {
  try {
    const previous = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const unfinished = `${file}.${String(process.pid)}`;
    writeFileSync(unfinished, textFor(previous));
    renameSync(unfinished, file);
  } catch (error) {
    throw new UsageError(`${file}: ${describeSystemError(error).replace('read', 'written')}`);
  }
}
