import { tellInCluster } from '../../pipelines/drift-cluster-reports.ts';
import type { DriftReport } from '../../pipelines/drift/report.ts';
import { plainLine } from '../../pipelines/present/escape.ts';
import type { ReportGroup } from '../../pipelines/present/openreports.ts';
import { connectWriter } from '../../pipelines/source/cluster-writer.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

/** Writes what was found into a cluster. Throws a UsageError where that cannot be done. */
export async function reportInCluster(
  [report, ...others]: readonly DriftReport[],
  kubeconfig: string,
  group: ReportGroup,
  terminal: Terminal,
): Promise<void> {
  if (report === undefined || others.length > 0) {
    throw new UsageError('--report-to takes what was found in one cluster: name one context');
  }
  try {
    const writer = connectWriter(kubeconfig);
    const now = (): number => terminal.now();
    const { created, replaced, removed, problems } = await tellInCluster(report, {
      writer,
      group,
      now,
    });
    const counts = `${String(created)} created, ${String(replaced)} replaced, ${String(removed)} removed`;
    terminal.err(`meshgate: reports: ${counts}\n`);
    for (const problem of problems) {
      terminal.err(`meshgate: ${plainLine(problem)}\n`);
    }
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
