import type { DriftTarget } from '../policies/core/settings-targets.ts';
import type { DriftJob } from './drift-job.ts';
import { openRepository, type DriftRunner } from './drift-runner.ts';
import { readTargets } from './drift-targets.ts';
import { gitHubStore } from './source/github-store.ts';

/** What is to be checked, each by a job of its own that names one target and one commit. */
export interface FleetPlan {
  readonly jobs: readonly DriftJob[];
}

/**
 * Plans the comparison of a fleet: one job for each cluster, all at the same commit of the repository that names them.
 * Planning again at that commit gives the same jobs. Throws where the configuration cannot be used.
 */
export async function planFleet(
  job: DriftJob,
  runner: DriftRunner,
  deadline: number,
): Promise<FleetPlan> {
  const opened = await openRepository(job, runner, deadline);
  const { github, repository, commit, installation } = opened;
  const reading = await readTargets(gitHubStore(github, repository), commit, runner.catalogue);
  if ('problem' in reading) {
    throw new Error(reading.problem);
  }
  const common = {
    version: 1 as const,
    repository: `${repository.owner}/${repository.repo}`,
    installation,
    commit,
    ...(job.quiet === undefined ? {} : { quiet: job.quiet }),
  };
  return {
    jobs: chosen(reading.targets, job.target).map(({ name }) => ({ ...common, target: name })),
  };
}

/** The target of that name, or all that a function can reach. */
function chosen(targets: readonly DriftTarget[], name: string | undefined): readonly DriftTarget[] {
  return name === undefined
    ? targets.filter(({ eks }) => eks !== undefined)
    : [targetNamed(targets, name)];
}

/** The target of that name, or the only one. Throws with the names that there are. */
export function targetNamed(
  targets: readonly DriftTarget[],
  name: string | undefined,
): DriftTarget {
  const [first, second] = targets;
  const found =
    name === undefined && second === undefined
      ? first
      : targets.find((target) => target.name === name);
  if (found === undefined) {
    const wanted =
      name === undefined ? 'say which cluster is meant' : `there is no cluster ${name}`;
    throw new Error(
      `${wanted}: the configuration has ${targets.map((each) => each.name).join(', ')}`,
    );
  }
  return found;
}
