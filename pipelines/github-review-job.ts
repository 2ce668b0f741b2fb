import * as z from 'zod';
import type { Rules } from './judge.ts';
import type { Rendering } from './render/rendering.ts';
import { runCommand } from './github-review-commands.ts';
import { pullNumberIn } from './github-review-id.ts';
import { reviewGroup } from './github-review-group.ts';
import { reviewPull } from './github-review.ts';
import { listChecks } from './source/github-checks.ts';
import { createGitHub, type GitHub } from './source/github.ts';
import type { Clock } from './source/github-pacing.ts';

const id = z.int().positive();
const commit = z.string().regex(/^[\da-f]{40,64}$/u);
const name = z.string().regex(/^[\w.-]{1,100}$/u);

const jobSchema = z.strictObject({
  version: z.literal(1),
  /** `X-GitHub-Delivery` of the event. */
  delivery: z.string().min(1).max(200),
  installation: id,
  owner: name,
  repo: name,
  task: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('review'),
      pull: id,
      again: z.boolean(),
      before: commit.optional(),
    }),
    z.strictObject({ kind: z.literal('commit'), commit }),
    z.strictObject({ kind: z.literal('group'), base: commit, head: commit }),
    z.strictObject({ kind: z.literal('command'), pull: id, comment: id }),
  ]),
});

/** What an event asks for: ids only, since GitHub is asked for the present state of everything else. */
export type GitHubJob = z.output<typeof jobSchema>;

/** What a job is done with. */
export interface JobRunner {
  readonly appId: string;
  readonly privateKey: string;
  /** Of the REST API. */
  readonly baseUrl: string;
  readonly catalogue: Rules['catalogue'];
  /** What renders, shared by all jobs; each makes its own where it is absent. */
  readonly rendering?: Rendering;
  /** Of meshgate. */
  readonly version: string;
  readonly clock: Clock;
  /** Asks the drift gate about the clusters of a repository, `OWNER/REPO`; nobody is asked where it is absent. */
  readonly askDrift?: (repository: string, installation: number) => Promise<unknown>;
}

/** What became of a job, for the log. */
export interface JobOutcome {
  readonly state: string;
  readonly unposted?: readonly string[];
  readonly driftProblem?: string;
}

/** The job in a value that came over a wire, or undefined where it is none. */
export function readJob(value: unknown): GitHubJob | undefined {
  const { data } = jobSchema.safeParse(value);
  return data;
}

/**
 * Does what an event asked for. `deadline` is when the process may end, in milliseconds since the epoch. Rejects where
 * GitHub cannot be used; doing the job again is always safe.
 */
export async function runJob(
  job: GitHubJob,
  runner: JobRunner,
  deadline: number,
): Promise<JobOutcome> {
  const { owner, repo, task, installation } = job;
  const { catalogue, version, rendering, askDrift } = runner;
  const repository = { owner, repo };
  const github = clientFor(runner, installation, deadline - lastWordsMilliseconds);
  const common = {
    github,
    lastWords: clientFor(runner, installation, deadline),
    catalogue,
    version,
    ...(rendering === undefined ? {} : { rendering }),
    ...(askDrift === undefined
      ? {}
      : { askDrift: () => askDrift(`${owner}/${repo}`, installation) }),
  };
  switch (task.kind) {
    case 'review': {
      const { pull: number, again, before } = task;
      const pull = { ...repository, number };
      return await reviewPull({
        ...common,
        pull,
        again,
        ...(before === undefined ? {} : { before }),
      });
    }
    case 'commit': {
      const number = await findPull(github, repository, task.commit);
      return number === undefined
        ? { state: 'unknown-commit' }
        : await reviewPull({ ...common, pull: { ...repository, number }, again: true });
    }
    case 'group':
      return await reviewGroup({ ...common, repository, base: task.base, head: task.head });
    case 'command':
      return await runCommand({
        ...common,
        pull: { ...repository, number: task.pull },
        comment: task.comment,
      });
  }
}

/** Kept back from the time there is, to say on GitHub that it was not enough. */
const lastWordsMilliseconds = 20_000;

function clientFor(
  { appId, privateKey, baseUrl, clock }: JobRunner,
  installationId: number,
  deadline: number,
): GitHub {
  return createGitHub({
    baseUrl,
    credentials: { appId, privateKey, installationId },
    clock,
    deadline,
  });
}

/** The pull request that a commit was reviewed for: GitHub names none with the events of forks. */
async function findPull(
  github: GitHub,
  repository: { readonly owner: string; readonly repo: string },
  sha: string,
): Promise<number | undefined> {
  const [newest] = await listChecks(github, repository, sha);
  return newest === undefined ? undefined : pullNumberIn(newest.externalId);
}
