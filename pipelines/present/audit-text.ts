import { describeReference } from '../../policies/core/resource.ts';
import { countSeverities, type AuditFinding, type AuditReport } from './audit-report.ts';
import { plainLine } from './escape.ts';
import type { Style } from './style.ts';
import { indented, severityWord } from './text-report.ts';

/** An audit for people, in pieces that end in a line break. */
export function* auditText(report: AuditReport, style: Style): Generator<string> {
  for (const { kind, why } of report.unread) {
    yield `${style.red('could not read')} ${plainLine(kind)}: ${plainLine(why)}\n`;
  }
  for (const one of report.findings) {
    yield findingText(one, style);
  }
  yield `${summaryLine(report, style)}\n`;
}

function findingText({ finding, effect }: AuditFinding, style: Style): string {
  const place = finding.at === '' ? '' : ` ${style.dim(plainLine(finding.at))}`;
  const would = effect === 'block' ? ' (would be denied today)' : '';
  return [
    `${style.strong(plainLine(describeReference(finding.object)))}${place} ${severityWord(finding.severity, style)}${would} ${style.dim(finding.policy)}`,
    `  ${indented(finding.text)}`,
    `  ${style.green('What to do')}: ${indented(finding.remedy)}`,
    '\n',
  ].join('\n');
}

function summaryLine(
  { cluster, findings, unread, judged, hidden }: AuditReport,
  style: Style,
): string {
  const { error, warning, info } = countSeverities(findings);
  const parts = [
    findings.length === 0
      ? style.green('nothing to report')
      : `${String(error)} errors, ${String(warning)} warnings, ${String(info)} info`,
    ...(hidden === 0 ? [] : [`${String(hidden)} not shown, see --min-severity`]),
    ...(unread.length === 0 ? [] : [style.red(`${String(unread.length)} kinds not read`)]),
  ];
  return `${String(judged)} objects of ${plainLine(cluster)}: ${parts.join('; ')}`;
}
