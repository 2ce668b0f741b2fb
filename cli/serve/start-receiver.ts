import { setTimeout as sleep } from 'node:timers/promises';
import type { GitHubJob, JobRunner } from '../../pipelines/github-review-job.ts';
import { runJob } from '../../pipelines/github-review-job.ts';
import { describeGitHubError } from '../../pipelines/source/github-errors.ts';
import { createRendering } from '../../pipelines/render/rendering.ts';
import { publicGitHub } from '../../pipelines/source/github.ts';
import { catalogue } from '../../policies/index.ts';
import type { Logger } from '../../webhooks/admission/log.ts';
import { createQueue } from '../../webhooks/github/queue.ts';
import { createReceiver } from '../../webhooks/github/server.ts';
import type { GitHubEnvironment } from '../environment.ts';
import { UsageError } from '../usage-error.ts';
import { version } from '../version.ts';

/** What `meshgate serve --github` was asked for. */
export interface ReceiverFlags {
  readonly port: number;
  /** 127.0.0.1 where it is undefined. */
  readonly host?: string;
  readonly gitHub: GitHubEnvironment;
  /** Where renders are remembered; undefined: nowhere. */
  readonly cacheFolder?: string | undefined;
  /** Milliseconds since the epoch. */
  now(): number;
}

const longestJobMilliseconds = 10 * 60_000;

/** Starts taking deliveries. Throws a UsageError where the environment lacks something or the port cannot be bound. */
export async function startReceiver(
  flags: ReceiverFlags,
  logger: Logger,
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const { gitHub } = flags;
  const rendering = createRendering(flags.cacheFolder);
  const runner: JobRunner = {
    appId: required(gitHub.appId, 'MESHGATE_APP_ID'),
    privateKey: required(gitHub.privateKey, 'MESHGATE_APP_PRIVATE_KEY'),
    baseUrl: gitHub.url === '' ? publicGitHub : gitHub.url,
    catalogue,
    rendering,
    version,
    clock: { now: () => flags.now(), sleep: (milliseconds) => sleep(milliseconds) },
  };
  const secret = required(gitHub.webhookSecret, 'MESHGATE_WEBHOOK_SECRET');
  const secrets = [secret, gitHub.previousWebhookSecret].filter((text) => text !== '');
  const queue = createQueue((job) => work(job, runner, logger));
  const receiver = createReceiver({ secrets, queue, logger });
  try {
    const port = await receiver.listen(flags.port, flags.host ?? '127.0.0.1');
    logger.info({ port }, 'listening');
    return {
      port,
      async stop() {
        await receiver.stop();
        await rendering.renderer.close();
      },
    };
  } catch (error) {
    throw new UsageError(
      `cannot listen: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

async function work(job: GitHubJob, runner: JobRunner, logger: Logger): Promise<void> {
  const { delivery, owner, repo, task } = job;
  const about = { delivery, owner, repo, task };
  try {
    const outcome = await runJob(job, runner, runner.clock.now() + longestJobMilliseconds);
    logger.info({ ...about, ...outcome }, 'job');
  } catch (error) {
    logger.error({ ...about, problem: describeGitHubError(error) }, 'job failed');
    throw error;
  }
}

function required(value: string, name: string): string {
  if (value === '') {
    throw new UsageError(`set ${name}: the App's settings on GitHub show it`);
  }
  return value;
}
