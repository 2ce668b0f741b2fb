import type { DrainCase } from './cases.ts';

const integrationSteps = 1_000;

/** `L(1+j) + S` in multiples of the TTL: when the last connection has ended by itself; infinite without a TTL. */
export function longestLife({ hasTtl, jitter, slowest }: DrainCase): number {
  return hasTtl ? 1 + jitter + slowest : Infinity;
}

/** `R = max(k L, L(1+j) + S)` in multiples of the TTL. */
export function requiredRatio(drainCase: DrainCase, minimumRatio: number): number {
  return Math.max(minimumRatio, longestLife(drainCase));
}

/**
 * Share of the connections that is still open, by arithmetic alone, when the server is killed after `servedRatio` TTLs:
 * a client holds a connection to it surely until it has learned of the deletion, then for what is left of the
 * connection that it has at that moment.
 */
export function expectedShare(drainCase: DrainCase, servedRatio: number): number {
  if (!drainCase.hasTtl) return 1;
  let sum = 0;
  for (let step = 0; step < integrationSteps; step += 1) {
    const learned = drainCase.learnsAfter((step + 0.5) / integrationSteps);
    sum += shareOutliving(servedRatio - learned, drainCase.jitter);
  }
  return sum / integrationSteps;
}

/**
 * Share of the connections that live on for more than `rest` TTLs from any moment, where their lives are drawn evenly
 * from 1 to 1 + `jitter` TTLs and each is followed by the next.
 */
function shareOutliving(rest: number, jitter: number): number {
  if (rest <= 0) return 1;
  const mean = 1 + jitter / 2;
  if (rest <= 1) return (mean - rest) / mean;
  if (rest >= 1 + jitter) return 0;
  return (1 + jitter - rest) ** 2 / (2 * jitter * mean);
}
