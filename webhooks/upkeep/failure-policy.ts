/** What happens to objects while no webhook answers. */
export type FailurePolicy = 'Ignore' | 'Fail';

/** What became of a canary: whether we denied it, nobody did, or the API server could not be asked. */
export type CanaryOutcome = 'passed' | 'failed' | 'unknown';

/** The failure policy in force, and how many canaries in a row passed (positive) or failed (negative). */
export interface FailurePolicyState {
  readonly policy: FailurePolicy;
  readonly streak: number;
}

/** Canaries in a row that turn the policy. */
const needed = 3;

/** `Fail` only once canaries have proven that we are asked and answer, and `Ignore` again when they fail. */
export function nextFailurePolicy(
  { policy, streak }: FailurePolicyState,
  wanted: FailurePolicy,
  outcome: CanaryOutcome,
): FailurePolicyState {
  if (wanted === 'Ignore') {
    return { policy: 'Ignore', streak: 0 };
  }
  if (outcome === 'unknown') {
    return { policy, streak };
  }
  if (outcome === 'passed') {
    const passes = Math.min(Math.max(streak, 0) + 1, needed);
    return { policy: passes >= needed ? 'Fail' : policy, streak: passes };
  }
  const failures = Math.max(Math.min(streak, 0) - 1, -needed);
  return { policy: failures <= -needed ? 'Ignore' : policy, streak: failures };
}
