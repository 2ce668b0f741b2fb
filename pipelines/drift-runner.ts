import type { DriftJob } from './drift-job.ts';
import type { Rules } from './judge.ts';
import type { Rendering } from './render/rendering.ts';
import { readCommitted } from './source/github-commit.ts';
import type { Clock } from './source/github-pacing.ts';
import type { GitHubRepository } from './source/github-pull.ts';
import { createGitHub, type GitHub } from './source/github.ts';

/** What jobs of the drift gate are done with. */
export interface DriftRunner {
  readonly appId: string;
  readonly privateKey: string;
  /** Of the REST API. */
  readonly baseUrl: string;
  /** `OWNER/REPO` and installation for jobs that name none. */
  readonly repository: string;
  readonly installation: number;
  /** Hosts besides those of EKS at which it may sign in. */
  readonly endpoints: readonly string[];
  /** URL of the API of EKS; AWS's own where it is ''. */
  readonly eksUrl: string;
  readonly catalogue: Rules['catalogue'];
  readonly rendering: Rendering;
  readonly clock: Clock;
}

/** The repository and commit that a job is about. */
export interface OpenedRepository {
  readonly github: GitHub;
  readonly repository: GitHubRepository;
  readonly installation: number;
  readonly commit: string;
}

/** Opens the repository of a job, at its commit or the newest one of its default branch. */
export async function openRepository(
  job: DriftJob,
  runner: DriftRunner,
  deadline: number,
): Promise<OpenedRepository> {
  const installation = job.installation ?? runner.installation;
  const { appId, privateKey, baseUrl, clock } = runner;
  const github = createGitHub({
    baseUrl,
    credentials: { appId, privateKey, installationId: installation },
    clock,
    deadline,
  });
  const repository = repositoryNamed(job.repository ?? runner.repository);
  const commit = job.commit ?? (await readCommitted(github, repository, 'HEAD')).commit;
  return { github, repository, installation, commit };
}

/** `OWNER/REPO` as GitHub's API takes it. */
export function repositoryNamed(text: string): GitHubRepository {
  const [owner = '', repo = ''] = text.split('/');
  return { owner, repo };
}
