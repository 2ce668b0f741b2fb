import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ReportGroup } from '../../pipelines/present/openreports.ts';
import type { GitHubRepository } from '../../pipelines/source/github-pull.ts';

/** What to do with what was found, beside printing it. */
export interface DriftActions {
  readonly revert?: true;
  readonly tolerate?: true;
  readonly adopt?: true;
  readonly diff?: true;
  readonly pullRequest?: GitHubRepository;
  readonly github?: GitHubRepository;
  readonly metricsFile?: string;
  /** A kubeconfig whose current context gets reports and Events. */
  readonly reportTo?: string;
  readonly reportGroup: ReportGroup;
}

/** Adds the options of {@link DriftActions} to `meshgate drift`. */
export function addDriftActions(command: Command): void {
  command
    .addOption(
      new Option('--revert', 'print what restores the drifted fields; runs nothing').conflicts([
        'tolerate',
        'adopt',
      ]),
    )
    .addOption(
      new Option('--tolerate', 'print ignore rules for the configuration').conflicts('adopt'),
    )
    .option('--adopt', 'write the live values into the source files, touching only their lines')
    .option('--diff', 'with --adopt: print what it would change, and change nothing')
    .addOption(
      new Option(
        '--pull-request <repository>',
        'with --adopt: propose it to OWNER/REPO in place of writing files',
      )
        .argParser(readRepository)
        .conflicts('diff'),
    )
    .addOption(
      new Option('--github <repository>', "keep the clusters' issues in OWNER/REPO").argParser(
        readRepository,
      ),
    )
    .option('--metrics-file <file>', "write metrics for Prometheus' textfile collector")
    .option(
      '--report-to <kubeconfig>',
      'write reports and Events into the cluster of its current context; the only option that writes to one',
    )
    .addOption(
      new Option('--report-group <group>', 'with --report-to: whose reports')
        .choices(['openreports.io', 'wgpolicyk8s.io'])
        .default('openreports.io'),
    )
    .addHelpText(
      'after',
      '\n--github and --pull-request need GITHUB_TOKEN, and GITHUB_API_URL for an Enterprise Server. With --github each' +
        '\nchange is told once to MESHGATE_DRIFT_WEBHOOK (Slack or compatible) and MESHGATE_DRIFT_TOPIC (an ARN of SNS), where set.',
    );
}

/** Reads OWNER/REPO. Throws where it is something else. */
export function readRepository(text: string): GitHubRepository {
  const match = /^(?<owner>[\w.-]+)\/(?<repo>[\w.-]+)$/u.exec(text);
  const { owner = '', repo = '' } = match?.groups ?? {};
  if (match === null) {
    throw new InvalidArgumentError('It must look like OWNER/REPO.');
  }
  return { owner, repo };
}
