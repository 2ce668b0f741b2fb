import type { DriftReport } from '../../pipelines/drift/report.ts';

/** What a verdict says to whatever runs the command. */
export const exitCodes = { 'in-sync': 0, drift: 1, undetermined: 2 } as const satisfies Readonly<
  Record<DriftReport['verdict'], number>
>;

/** The exit code over several clusters: drift anywhere, else what could not be told anywhere. */
export function exitCodeOf(verdicts: readonly string[]): number {
  if (verdicts.includes('drift')) {
    return exitCodes.drift;
  }
  return verdicts.length > 0 && verdicts.every((verdict) => verdict === 'in-sync')
    ? exitCodes['in-sync']
    : exitCodes.undetermined;
}
