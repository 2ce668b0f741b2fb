import { planFleet } from '../pipelines/drift-fleet.ts';
import { readDriftJob, unreadableJob } from '../pipelines/drift-job.ts';
import { gatherFleet } from '../pipelines/drift-gather.ts';
import { createDriftRunner } from './drift-runner.ts';
import { readChecker } from './environment.ts';
import { createCaller, createStarter } from './invoke.ts';

/** What Lambda says of an invocation. */
interface Context {
  getRemainingTimeInMillis(): number;
}

const runner = await createDriftRunner();
const checker = readChecker();
const start = createStarter();
const call = createCaller();

/**
 * Has each cluster of the fleet compared by an invocation of its own, and does not wait, or waits and answers one report
 * over all. Planning the same commit again starts the same comparisons. Rejects where the plan could not be made or
 * handed on as a whole.
 */
export async function handler(event: unknown, context: Context): Promise<unknown> {
  const job = readDriftJob(event);
  if (job === undefined) {
    throw new Error(unreadableJob);
  }
  const deadline = Date.now() + context.getRemainingTimeInMillis();
  const { jobs } = await planFleet(job, await runner(), deadline);
  const clusters = jobs.map(({ target }) => target);
  console.log(JSON.stringify({ message: 'plan', commit: jobs[0]?.commit, clusters }));
  if (job.wait === true) {
    return await gatherFleet(jobs, (one) => call(checker, one));
  }
  await Promise.all(jobs.map((one) => start(checker, one)));
  return { version: 1, commit: jobs[0]?.commit, started: clusters };
}
