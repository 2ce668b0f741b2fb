import { setTimeout as sleep } from 'node:timers/promises';
import { createGitHub, publicGitHub } from '../pipelines/source/github.ts';
import { sweepDeliveries } from '../pipelines/sweep-deliveries.ts';
import { readAppEnvironment } from './environment.ts';

/** What Lambda says of an invocation. */
interface Context {
  getRemainingTimeInMillis(): number;
}

const { appId, privateKey, gitHubUrl } = readAppEnvironment();
// Read while the function starts, so that one without its key does not.
await privateKey.current();
const reserveMilliseconds = 5000;

/** Has GitHub deliver again what the webhook did not take; to be started by a schedule, hourly at least. */
export async function handler(_event: unknown, context: Context): Promise<unknown> {
  const github = createGitHub({
    baseUrl: gitHubUrl === '' ? publicGitHub : gitHubUrl,
    credentials: { appId, privateKey: await privateKey.current() },
    clock: { now: Date.now, sleep: (milliseconds) => sleep(milliseconds) },
    deadline: Date.now() + context.getRemainingTimeInMillis() - reserveMilliseconds,
  });
  const outcome = await sweepDeliveries(github);
  console.log(JSON.stringify({ message: 'sweep', ...outcome }));
  return outcome;
}
