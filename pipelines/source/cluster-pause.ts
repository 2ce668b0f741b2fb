import { setTimeout as delay } from 'node:timers/promises';

/** Between the end of a watch and the next, so that a server that ends them at once is not asked without rest. */
export const betweenWatchesSeconds = 0.2;

const backoffSeconds = { least: 0.5, most: 30 };

/** Seconds to wait after so many failures in a row: doubled each time, at random within the upper half. */
export function backoff(failures: number): number {
  const longest = Math.min(backoffSeconds.most, backoffSeconds.least * 2 ** Math.min(failures, 10));
  return longest * (0.5 + Math.random() / 2);
}

/** Waits so many seconds, or until the signal; never rejects. */
export async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(seconds * 1000, undefined, { signal });
  } catch {
    // The signal ended the wait.
  }
}
