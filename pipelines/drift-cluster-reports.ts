import { driftResults } from './present/openreports-drift.ts';
import { reportDocuments, type ReportGroup } from './present/openreports.ts';
import type { DriftReport, ObjectDrift } from './drift/report.ts';
import { createEventSink, type ClusterEvent } from './source/cluster-events.ts';
import { writeReports, type ReportsWritten } from './source/cluster-reports.ts';
import type { ClusterWriter } from './source/cluster-writer.ts';
import { byEffect } from './present/drift-words.ts';

const name = 'meshgate-drift';

/** Where and as what a comparison is told in its cluster. */
export interface ClusterTelling {
  readonly writer: ClusterWriter;
  readonly group: ReportGroup;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Tells a comparison in its cluster: a report for each namespace that has something, and an Event for each object that
 * drifts, the gravest first and as many as the sink takes. Rejects where the API server cannot be used.
 */
export async function tellInCluster(
  report: DriftReport,
  { writer, group, now }: ClusterTelling,
): Promise<ReportsWritten> {
  const documents = reportDocuments(driftResults(report), {
    group,
    name,
    source: 'meshgate drift',
  });
  const complete = report.unknown.length === 0;
  const written = await writeReports({ writer, group, name, documents, complete });
  let problem: string | undefined;
  const tell = createEventSink({
    writer,
    instance: name,
    now,
    onProblem: (error) => {
      problem ??= error instanceof Error ? error.message : String(error);
    },
  });
  for (const drift of byEffect(report)) {
    await tell(driftEvent(drift));
  }
  return problem === undefined
    ? written
    : { ...written, problems: [...written.problems, `an Event was not written: ${problem}`] };
}

/** Names the fields and never a value. */
function driftEvent({ reference, verdict, why, remedy }: ObjectDrift): ClusterEvent {
  const { apiVersion, kind, namespace, name: own } = reference;
  return {
    about: { apiVersion, kind, name: own, ...(namespace === '' ? {} : { namespace }) },
    type: 'Warning',
    reason: `Drift${verdict.charAt(0).toUpperCase()}${verdict.slice(1)}`,
    action: 'Compare',
    note: `${why}. ${remedy}`,
  };
}
