import { setTimeout as sleep } from 'node:timers/promises';
import { readJob, runJob } from '../pipelines/github-review-job.ts';
import { createRendering } from '../pipelines/render/rendering.ts';
import { publicGitHub } from '../pipelines/source/github.ts';
import manifest from '../package.json' with { type: 'json' };
import { catalogue } from '../policies/index.ts';
import { readPlanner, readReviewEnvironment } from './environment.ts';
import { createCaller } from './invoke.ts';

/** What Lambda says of an invocation. */
interface Context {
  getRemainingTimeInMillis(): number;
}

const { appId, privateKey, gitHubUrl, cacheFolder } = readReviewEnvironment();
const runner = {
  appId,
  baseUrl: gitHubUrl === '' ? publicGitHub : gitHubUrl,
  catalogue,
  rendering: createRendering(cacheFolder),
  version: manifest.version,
  clock: { now: Date.now, sleep: (milliseconds: number) => sleep(milliseconds) },
  ...askDrift(readPlanner()),
};
const reserveMilliseconds = 5000;
// Read while the function starts, so that one without its key does not.
await privateKey.current();

/** Does one job. Rejects where GitHub cannot be used, so that Lambda tries again; an event that is no job is dropped. */
export async function handler(event: unknown, context: Context): Promise<unknown> {
  const job = readJob(event);
  if (job === undefined) {
    console.log(JSON.stringify({ message: 'job', state: 'unreadable' }));
    return { state: 'unreadable' };
  }
  const { delivery, owner, repo, task } = job;
  const deadline = Date.now() + context.getRemainingTimeInMillis() - reserveMilliseconds;
  const key = await privateKey.current();
  const outcome = await runJob(job, { ...runner, privateKey: key }, deadline);
  console.log(JSON.stringify({ message: 'job', delivery, owner, repo, task, ...outcome }));
  return outcome;
}

/** Has the drift gate tell, quietly, how far a repository's clusters differ from it. */
function askDrift(planner: string) {
  if (planner === '') {
    return {};
  }
  const call = createCaller();
  return {
    askDrift: (repository: string, installation: number) =>
      call(planner, { version: 1, repository, installation, quiet: true, wait: true }),
  };
}
