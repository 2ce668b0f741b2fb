import { setTimeout as sleep } from 'node:timers/promises';

const intervalMilliseconds = 100;

/**
 * Asks until there is an answer other than undefined. What `ask` throws counts as no answer yet, and
 * is quoted when the deadline passes.
 */
export async function waitFor<T>(
  what: string,
  deadlineMilliseconds: number,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  const until = performance.now() + deadlineMilliseconds;
  let problem: unknown;
  while (performance.now() < until) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      problem = undefined;
    } catch (error) {
      if (error instanceof GivenUp) throw error;
      problem = error;
    }
    await sleep(intervalMilliseconds);
  }
  const reason = problem instanceof Error ? `: ${problem.message}` : '';
  throw new Error(`${what} did not happen in ${deadlineMilliseconds} ms${reason}`);
}

/** Ends a wait at once: what is waited for cannot happen any more. */
export class GivenUp extends Error {}
