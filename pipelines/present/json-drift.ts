import type { Json } from '../../policies/core/json.ts';
import { describeReference } from '../../policies/core/resource.ts';
import type {
  DriftReport,
  FieldDrift,
  IgnoredDrift,
  ObjectDrift,
  Undetermined,
} from '../drift/report.ts';
import { toJsonFinding, type JsonFinding } from './json-report.ts';

/** A field that differs, as the JSON output shows it; described by `schemas/drift-output.schema.json`. */
interface JsonField {
  readonly at: string;
  readonly atDeclared?: string;
  readonly class: FieldDrift['class'];
  readonly declared?: Json;
  readonly live?: Json;
  readonly manager?: string;
  readonly operation?: string;
  readonly through?: string;
  readonly time?: string;
  readonly others?: readonly string[];
  readonly why: string;
}

interface JsonDrift {
  readonly object: string;
  readonly apiVersion: string;
  readonly verdict: ObjectDrift['verdict'];
  readonly fields: readonly JsonField[];
  readonly why: string;
  readonly remedy: string;
  readonly file?: string;
  readonly line?: number;
}

/** The output of `meshgate drift --output json`. */
export interface JsonDriftReport {
  readonly version: 1;
  readonly cluster: string;
  readonly verdict: DriftReport['verdict'];
  readonly drifts: readonly JsonDrift[];
  readonly inSync: readonly string[];
  readonly unknown: readonly Undetermined[];
  readonly findings: readonly JsonFinding[];
  readonly coverage: DriftReport['coverage'];
  readonly ignored: readonly IgnoredDrift[];
  readonly unusedRules: readonly string[];
  readonly notes: readonly string[];
}

/** A report in its published form. */
export function toJsonDrift(report: DriftReport): JsonDriftReport {
  const { cluster, verdict, drifts, inSync, unknown, findings, ...rest } = report;
  return {
    version: 1,
    cluster,
    verdict,
    drifts: drifts.map(toDrift),
    inSync,
    unknown,
    findings: findings.map(toJsonFinding),
    ...rest,
  };
}

function toDrift({ reference, verdict, fields, why, remedy, file, line }: ObjectDrift): JsonDrift {
  return {
    object: describeReference(reference),
    apiVersion: reference.apiVersion,
    verdict,
    fields,
    why,
    remedy,
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
  };
}
