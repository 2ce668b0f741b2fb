import type { DriftTarget } from '../policies/core/settings-targets.ts';
import { driftCheckName, verdictOfCheck } from './drift-check-run.ts';
import { repositoryNamed } from './drift-runner.ts';
import { readTargets } from './drift-targets.ts';
import type { Rules } from './judge.ts';
import { fleetOf, type JsonFleet } from './present/fleet-report.ts';
import { listChecks } from './source/github-checks.ts';
import { readCommitted } from './source/github-commit.ts';
import type { GitHubRepository } from './source/github-pull.ts';
import { gitHubStore } from './source/github-store.ts';
import type { GitHub } from './source/github.ts';

/** How one cluster stands, as the last check of it left it on GitHub. */
export interface Standing {
  readonly cluster: string;
  readonly verdict: string;
  /** In a few words; the reason where it was not compared. */
  readonly why: string;
  /** The commit that it was compared with. */
  readonly commit: string;
}

/** How a fleet stands. */
export type FleetReading =
  | { readonly fleet: JsonFleet; readonly standings: readonly Standing[] }
  | { readonly problem: string };

/**
 * Puts together what each check of a fleet left on GitHub, however it was started: the newest check run of each cluster on
 * the commit that it is compared with. Asks no cluster and no function.
 */
export async function readFleet(
  github: GitHub,
  repository: GitHubRepository,
  catalogue: Rules['catalogue'],
): Promise<FleetReading> {
  const { commit } = await readCommitted(github, repository, 'HEAD');
  const reading = await readTargets(gitHubStore(github, repository), commit, catalogue);
  if ('problem' in reading) {
    return reading;
  }
  const standings: Standing[] = [];
  for (const target of reading.targets.filter(({ eks }) => eks !== undefined)) {
    standings.push(await standingOf(github, target, { repository, commit }));
  }
  return { fleet: fleetOf(standings.map((one) => ({ ...one }))), standings };
}

async function standingOf(
  github: GitHub,
  { name, repository: other, ref }: DriftTarget,
  main: { readonly repository: GitHubRepository; readonly commit: string },
): Promise<Standing> {
  const repository = other === undefined ? main.repository : repositoryNamed(other);
  const { commit } =
    other === undefined && ref === undefined
      ? main
      : await readCommitted(github, repository, ref ?? 'HEAD');
  const [newest] = await listChecks(github, repository, commit, driftCheckName(name));
  const common = { cluster: name, commit };
  const verdict = newest === undefined ? undefined : verdictOfCheck(newest);
  if (newest === undefined || verdict === undefined) {
    const why =
      newest === undefined
        ? `not compared with ${commit.slice(0, 10)} yet`
        : 'being compared, or its check was cut off';
    return { ...common, verdict: 'undetermined', why };
  }
  return { ...common, verdict, why: newest.title };
}
