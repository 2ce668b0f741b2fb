import type { FilledValue } from '../../policies/core/finding.ts';
import type { JudgedFinding } from './gate.ts';
import type { AuditAnnotations } from './respond.ts';
import { oneLine } from './texts.ts';

const listed = 50;

/** What was filled by which policy; an entry of the annotation `meshgate.dev/filled`. */
export interface FilledEntry extends FilledValue {
  readonly policy: string;
}

/** Audit annotation `findings`: `<effect> <policy>/<message> <pointer>` a line, for whoever reads the audit log. */
export function auditFindings(findings: readonly JudgedFinding[]): AuditAnnotations {
  if (findings.length === 0) {
    return {};
  }
  const lines = findings
    .slice(0, listed)
    .map(({ finding, effect }) =>
      oneLine(`${effect} ${finding.policy}/${finding.message} ${finding.at}`),
    );
  if (findings.length > listed) {
    lines.push(`and ${String(findings.length - listed)} more`);
  }
  return { findings: lines.join('\n') };
}

/** Audit annotation `filled`: where something was filled in, without the values. */
export function auditFilled(entries: readonly FilledEntry[]): AuditAnnotations {
  if (entries.length === 0) {
    return {};
  }
  const lines = entries.map(({ policy, at, key }) =>
    oneLine(`${policy} ${at}${key === undefined ? '' : `#${key}`}`),
  );
  return { filled: lines.join('\n') };
}

/** Audit annotations with the configuration that they go by, where there are any. */
export function withConfiguration(
  annotations: AuditAnnotations,
  configuration: string | undefined,
): AuditAnnotations {
  return configuration === undefined || Object.keys(annotations).length === 0
    ? annotations
    : { ...annotations, configuration };
}
