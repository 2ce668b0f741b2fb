import type { Json } from '../../policies/core/json.ts';
import type { PatchOperation } from '../../policies/core/patch.ts';
import type { ObjectReference } from '../../policies/core/resource.ts';
import type { CheckReport, Summary } from '../check.ts';
import type { LocatedFinding } from '../locate.ts';
import type { InputError } from '../render/manifests.ts';

/** A finding as every JSON output shows it; described by `schemas/check-output.schema.json`. */
export interface JsonFinding {
  readonly policy: string;
  readonly message: string;
  readonly severity: string;
  readonly text: string;
  readonly remedy: string;
  readonly object: ObjectReference;
  readonly at: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly data: Readonly<Record<string, Json>>;
  readonly fix?: readonly PatchOperation[];
}

/** The output of `meshgate check --output json`. */
export interface JsonReport {
  readonly version: 1;
  readonly findings: readonly JsonFinding[];
  readonly errors: readonly InputError[];
  readonly summary: Summary;
}

/** A report in its published form. */
export function toJsonReport(report: CheckReport): JsonReport {
  return {
    version: 1,
    findings: report.findings.map(toJsonFinding),
    errors: report.errors.map(({ file, line, text }) => ({ file, line, text })),
    summary: report.summary,
  };
}

/** A finding in its published form. */
export function toJsonFinding({
  finding,
  file,
  line,
  column,
  operations,
}: LocatedFinding): JsonFinding {
  const { policy, message, severity, text, remedy, object, at, data } = finding;
  return {
    policy,
    message,
    severity,
    text,
    remedy,
    object,
    at,
    file,
    line,
    column,
    data,
    ...(operations === undefined ? {} : { fix: operations }),
  };
}
