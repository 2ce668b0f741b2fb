import { listDeliveries, redeliver, type DeliveryAttempt } from './source/github-deliveries.ts';
import { describeGitHubError, statusOf } from './source/github-errors.ts';
import type { GitHub } from './source/github.ts';

/** What a sweep did. */
export interface SweepOutcome {
  /** Events whose every attempt failed and that are delivered again. */
  readonly redelivered: number;
  /** Events that failed so often that nothing is gained by another attempt. */
  readonly givenUp: number;
  /** What GitHub did not do, for the log. */
  readonly problems: readonly string[];
}

/** GitHub keeps attempts for three days. */
const reachMilliseconds = 3 * 24 * 3_600_000;
/** An attempt may still be under way. */
const settledMilliseconds = 60_000;
const mostAttempts = 5;
/** Each is a write, a second apart; the next sweep goes on. */
const mostRedeliveries = 200;

/**
 * Delivers again what the webhook did not take, since GitHub never does so by itself. An event that arrives twice is
 * reviewed once, so a sweep may be repeated.
 */
export async function sweepDeliveries(github: GitHub): Promise<SweepOutcome> {
  const now = github.clock.now();
  const attempts = await listDeliveries(github, now - reachMilliseconds);
  const failed = [...Map.groupBy(attempts, ({ guid }) => guid).values()].filter(
    (group) => !group.some(wasTaken) && group.every(({ at }) => at < now - settledMilliseconds),
  );
  const hopeful = failed.filter((group) => group.length < mostAttempts);
  const problems: string[] = [];
  let redelivered = 0;
  for (const newest of hopeful.slice(0, mostRedeliveries).flatMap((group) => group.slice(0, 1))) {
    try {
      await redeliver(github, newest);
      redelivered += 1;
    } catch (error) {
      if (statusOf(error) === undefined) {
        throw error;
      }
      problems.push(`${newest.guid}: ${describeGitHubError(error)}`);
    }
  }
  return { redelivered, givenUp: failed.length - hopeful.length, problems };
}

function wasTaken({ status }: DeliveryAttempt): boolean {
  return status >= 200 && status < 300;
}
