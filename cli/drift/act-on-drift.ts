import { readEnvironment } from '../environment.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';
import type { DriftActions } from './actions.ts';
import type { FoundDrift } from './found-drift.ts';

/** What came of what was asked for beside the report. */
export interface Acted {
  /** Something was printed in place of the report. */
  readonly printed: boolean;
  /** False where GitHub could not be told. */
  readonly told: boolean;
}

/**
 * Tells and remedies what was found, as far as that was asked for. What cannot be told does not keep the report from being
 * printed. Throws a UsageError where it cannot be done otherwise.
 */
export async function actOnDrift(
  found: FoundDrift,
  actions: DriftActions,
  terminal: Terminal,
): Promise<Acted> {
  refuseUseless(actions);
  const { reports } = found;
  let told = true;
  if (actions.github !== undefined || actions.metricsFile !== undefined) {
    const { tellReports } = await import('./tell-reports.ts');
    told = await tellReports(reports, actions, readEnvironment(), terminal);
  }
  if (actions.reportTo !== undefined) {
    const { reportInCluster } = await import('./report-in-cluster.ts');
    await reportInCluster(reports, actions.reportTo, actions.reportGroup, terminal);
  }
  return { told, printed: await remedy(found, actions, terminal) };
}

/** Gives true where it has printed something in place of the report. */
async function remedy(
  found: FoundDrift,
  actions: DriftActions,
  terminal: Terminal,
): Promise<boolean> {
  const { reports } = found;
  if (actions.revert === true) {
    const { revertScript } = await import('../../pipelines/present/drift-revert.ts');
    terminal.out(reports.flatMap((report) => [...revertScript(report)]).join(''));
    return true;
  }
  if (actions.tolerate === true) {
    const { toleranceRules } = await import('../../pipelines/present/drift-tolerate.ts');
    terminal.out(reports.map((report) => toleranceRules(report, terminal.now())).join(''));
    return true;
  }
  if (actions.adopt === true) {
    const { adoptReports } = await import('./adopt-reports.ts');
    await adoptReports(found, actions, terminal);
    return true;
  }
  return false;
}

function refuseUseless({ adopt, diff, pullRequest }: DriftActions): void {
  if (adopt !== true && (diff === true || pullRequest !== undefined)) {
    throw new UsageError('--diff and --pull-request go with --adopt');
  }
}
