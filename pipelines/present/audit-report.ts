import type { Effect, Finding } from '../../policies/core/finding.ts';
import type { Json } from '../../policies/core/json.ts';
import type { ObjectReference } from '../../policies/core/resource.ts';

/** What an audit of a live cluster found; the presenters below show it. */
export interface AuditReport {
  /** Address of the API server. */
  readonly cluster: string;
  /** Sorted by namespace, kind and name. */
  readonly findings: readonly AuditFinding[];
  /** Kinds whose objects could not be read; verdicts that depend on them may be missing or wrong. */
  readonly unread: readonly { readonly kind: string; readonly why: string }[];
  readonly judged: number;
  /** Findings that were left out because they are milder than asked for. */
  readonly hidden: number;
}

/** A finding on a live object, with what it would do at admission. */
export interface AuditFinding {
  readonly finding: Finding;
  readonly effect: Effect;
}

/** The output of `meshgate audit --output json`, described by `schemas/audit-output.schema.json`. */
export interface JsonAudit {
  readonly version: 1;
  readonly cluster: string;
  readonly findings: readonly JsonAuditFinding[];
  readonly unread: AuditReport['unread'];
  readonly summary: Readonly<Record<'judged' | 'error' | 'warning' | 'info', number>>;
}

interface JsonAuditFinding {
  readonly policy: string;
  readonly message: string;
  readonly severity: string;
  readonly effect: Effect;
  readonly text: string;
  readonly remedy: string;
  readonly object: ObjectReference;
  readonly at: string;
  readonly data: Readonly<Record<string, Json>>;
}

/** How many findings there are of each severity. */
export function countSeverities(
  findings: readonly AuditFinding[],
): Readonly<Record<Finding['severity'], number>> {
  const counts = { error: 0, warning: 0, info: 0 };
  for (const { finding } of findings) {
    counts[finding.severity] += 1;
  }
  return counts;
}

/** An audit in its published form. */
export function toJsonAudit({ cluster, findings, unread, judged }: AuditReport): JsonAudit {
  return {
    version: 1,
    cluster,
    findings: findings.map(({ finding, effect }) => {
      const { policy, message, severity, text, remedy, object, at, data } = finding;
      return { policy, message, severity, effect, text, remedy, object, at, data };
    }),
    unread,
    summary: { judged, ...countSeverities(findings) },
  };
}
