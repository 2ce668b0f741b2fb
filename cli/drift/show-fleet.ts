import { readFleet, type FleetReading } from '../../pipelines/drift-standing.ts';
import { fleetMarkdown, fleetText } from '../../pipelines/present/fleet-page.ts';
import { describeGitHubError, isOfGitHub } from '../../pipelines/source/github-errors.ts';
import type { GitHubRepository } from '../../pipelines/source/github-pull.ts';
import { catalogue } from '../../policies/index.ts';
import { readEnvironment } from '../environment.ts';
import { openGitHub } from '../open-github.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';
import { exitCodeOf } from './exit-codes.ts';
import type { DriftOptions } from './options.ts';
import { printJson } from './print-drift.ts';

/** Prints how a fleet stands, and gives the exit code. Throws a UsageError where GitHub does not tell. */
export async function showFleet(
  repository: GitHubRepository,
  { output }: DriftOptions,
  terminal: Terminal,
): Promise<number> {
  if (output === 'sarif') {
    throw new UsageError(
      '--fleet has no lines of files to tell of: ask for text, json or markdown',
    );
  }
  const { fleet, standings } = await read(repository, terminal);
  const name = `${repository.owner}/${repository.repo}`;
  if (output === 'json') {
    printJson(fleet, terminal);
  } else {
    terminal.out(output === 'text' ? fleetText(name, standings) : fleetMarkdown(name, standings));
  }
  return exitCodeOf([fleet.verdict]);
}

async function read(
  repository: GitHubRepository,
  terminal: Terminal,
): Promise<Exclude<FleetReading, { readonly problem: string }>> {
  const { gitHub } = readEnvironment();
  const github = openGitHub(gitHub, terminal, 'read contents and checks of the repository');
  let reading: FleetReading;
  try {
    reading = await readFleet(github, repository, catalogue);
  } catch (error) {
    if (!isOfGitHub(error)) {
      throw error;
    }
    throw new UsageError(describeGitHubError(error));
  }
  if ('problem' in reading) {
    throw new UsageError(reading.problem);
  }
  return reading;
}
