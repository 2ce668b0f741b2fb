import {
  reportDocuments,
  type ReportGroup,
  type ReportResult,
} from '../../pipelines/present/openreports.ts';
import { writeReports, type ReportsWritten } from '../../pipelines/source/cluster-reports.ts';
import type { ClusterWriter } from '../../pipelines/source/cluster-writer.ts';

/** Name of the reports of an audit in every namespace, and what tells them from others'. */
const name = 'meshgate-audit';

/** Makes the reports of audits be what one audit found; `complete` says that all of the cluster was judged. */
export function writeAuditReports(
  writer: ClusterWriter,
  group: ReportGroup,
  results: readonly ReportResult[],
  complete: boolean,
): Promise<ReportsWritten> {
  const documents = reportDocuments(results, { group, name, source: 'meshgate audit' });
  return writeReports({ writer, group, name, documents, complete });
}
