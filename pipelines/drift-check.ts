import { findDrift } from './drift.ts';
import { refusedEndpoint } from './drift-endpoint.ts';
import { indexDeclared } from './drift/declared.ts';
import type { DriftReport } from './drift/report.ts';
import { targetNamed } from './drift-fleet.ts';
import type { DriftJob } from './drift-job.ts';
import { openRepository, repositoryNamed, type DriftRunner } from './drift-runner.ts';
import { readTargets } from './drift-targets.ts';
import { readCommit } from './read-commit.ts';
import { openEks } from './source/cluster-eks-access.ts';
import { clusterLive } from './source/cluster-live.ts';
import type { ClusterTransport } from './source/cluster-transport.ts';
import { createReader } from './source/cluster-reader.ts';
import { readCommitted, type Committed } from './source/github-commit.ts';
import type { GitHubRepository } from './source/github-pull.ts';
import { gitHubStore } from './source/github-store.ts';
import type { GitHub } from './source/github.ts';
import type { DriftTarget } from '../policies/core/settings-targets.ts';

/** A comparison of one cluster, and where what it was compared with lies. */
export interface CheckedCluster {
  readonly report: DriftReport;
  readonly github: GitHub;
  readonly repository: GitHubRepository;
  readonly commit: string;
  /** When it was compared, in milliseconds since the epoch. */
  readonly checkedAt: number;
}

/** Kept back from the time there is, to say what was found by then. */
const lastWordsMilliseconds = 30_000;

/**
 * Compares one cluster with what a commit declares for it. What the time does not suffice for is undetermined.
 * Throws where GitHub cannot be used, or the configuration does not tell which cluster is meant and how to reach it.
 */
export async function checkCluster(
  job: DriftJob,
  runner: DriftRunner,
  deadline: number,
): Promise<CheckedCluster> {
  const { catalogue, rendering, clock } = runner;
  const opened = await openRepository(job, runner, deadline);
  const { github } = opened;
  const reading = await readTargets(
    gitHubStore(github, opened.repository),
    opened.commit,
    catalogue,
  );
  if ('problem' in reading) {
    throw new Error(reading.problem);
  }
  const target = targetNamed(reading.targets, job.target);
  const { repository, committed } = await declaredBy(target, opened);
  const declared = await readCommit({
    store: gitHubStore(github, repository),
    commit: committed.commit,
    paths: target.paths ?? ['.'],
    catalogue,
    rendering,
  });
  if ('problem' in declared) {
    throw new Error(declared.problem);
  }
  const { settings, sources } = declared;
  const now = clock.now();
  const left = Math.max(deadline - lastWordsMilliseconds - now, 0);
  const transport = await openTarget(target, runner);
  const reader = createReader({
    transport,
    signal: AbortSignal.timeout(left),
  });
  const report = await findDrift({
    declared: indexDeclared(sources),
    live: clusterLive(target.name, reader, new Set(settings.drift.dryRun)),
    rules: { catalogue, settings, now, gate: 'drift' },
    committedAt: committed.at,
  });
  return { report, github, repository, commit: committed.commit, checkedAt: now };
}

/** Where what the cluster should hold is declared: another repository or branch where the target names one. */
async function declaredBy(
  { repository: name, ref }: DriftTarget,
  opened: {
    readonly github: GitHub;
    readonly repository: GitHubRepository;
    readonly commit: string;
  },
): Promise<{ readonly repository: GitHubRepository; readonly committed: Committed }> {
  const repository = name === undefined ? opened.repository : repositoryNamed(name);
  const usual = name === undefined ? opened.commit : 'HEAD';
  return { repository, committed: await readCommitted(opened.github, repository, ref ?? usual) };
}

async function openTarget(
  { name, eks }: DriftTarget,
  { endpoints, eksUrl }: DriftRunner,
): Promise<ClusterTransport> {
  if (eks === undefined) {
    throw new Error(
      `the cluster ${name} has no eks: a function reaches clusters of EKS, others the command does`,
    );
  }
  const refused = eks.endpoint === undefined ? undefined : refusedEndpoint(eks.endpoint, endpoints);
  if (refused !== undefined) {
    throw new Error(`the cluster ${name}: ${refused}`);
  }
  return await openEks({ ...eks, eksUrl });
}
