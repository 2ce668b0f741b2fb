import type { DriftReport, DriftVerdict } from './report.ts';

/** From the strongest to the weakest: an object with several differing fields has the strongest of their verdicts. */
const verdictsByStrength = [
  'unknown',
  'missing',
  'extra',
  'changed',
  'removed',
  'foreign',
] as const satisfies readonly DriftVerdict[];

/** The strongest of some verdicts; undefined of none. */
export function strongest(verdicts: readonly DriftVerdict[]): DriftVerdict | undefined {
  return verdictsByStrength.find((verdict) => verdicts.includes(verdict));
}

/**
 * The verdict of a run: drift if any object drifts, else undetermined if anything is, or if nothing was read at all,
 * since silence proves nothing.
 */
export function runVerdict({
  drifts,
  unknown,
  coverage,
}: Pick<DriftReport, 'drifts' | 'unknown' | 'coverage'>): DriftReport['verdict'] {
  if (drifts.some(({ verdict }) => verdict !== 'unknown')) {
    return 'drift';
  }
  return drifts.length > 0 || unknown.length > 0 || coverage.live === 0
    ? 'undetermined'
    : 'in-sync';
}
