import type { Finding, Severity } from '../../policies/core/finding.ts';
import type { ReportResult } from './openreports.ts';

const severities = { error: 'high', warning: 'medium', info: 'info' } as const satisfies Record<
  Severity,
  ReportResult['severity']
>;

/** What a policy found, as a result of a report. */
export function findingResult(finding: Finding): ReportResult {
  const { policy, message, severity, text, remedy, object, at } = finding;
  return {
    object,
    policy,
    rule: message,
    category: policy.split('/', 1)[0] ?? policy,
    severity: severities[severity],
    result: severity === 'error' ? 'fail' : 'warn',
    message: `${text} ${remedy}`,
    properties: { at },
  };
}
