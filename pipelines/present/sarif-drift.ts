import type { JsonObject } from '../../policies/core/json.ts';
import { pointer } from '../../policies/core/pointer.ts';
import type { DriftReport, DriftVerdict, ObjectDrift } from '../drift/report.ts';
import type { LocatedFinding } from '../locate.ts';
import { attribution } from './drift-words.ts';
import { sarifReport, type SarifRule } from './sarif-report.ts';

const titles: Readonly<Record<DriftVerdict, string>> = {
  missing: 'Git declares an object that the cluster does not have',
  changed: 'The cluster has another value than Git',
  removed: 'The cluster still has what Git no longer declares',
  foreign: 'Somebody added to the cluster what Git does not declare',
  extra: 'The cluster has an object that Git does not declare',
  unknown: 'It could not be told whether the cluster is as Git declares',
};

const why =
  'What Git does not say nobody reviews, and the next deployment may undo it, or fail on it.';

const driftRules: readonly SarifRule[] = Object.entries(titles).map(([verdict, title]) => ({
  id: `drift/${verdict}`,
  title,
  why,
  severity: verdict === 'unknown' ? 'info' : 'warning',
}));

/**
 * A comparison as SARIF 2.1.0: each difference on the line that declares it, and what it breaks. What Git does not
 * declare has no line, and is left to the other outputs, since code scanning takes no result without one.
 */
export function sarifDrift(
  report: DriftReport,
  tool: { readonly version: string; readonly rules: readonly SarifRule[] },
): JsonObject {
  const drifts = report.drifts.flatMap(placedDrifts);
  return sarifReport(
    { findings: [...drifts, ...report.findings], errors: [] },
    { version: tool.version, rules: [...driftRules, ...tool.rules] },
  );
}

function placedDrifts(drift: ObjectDrift): readonly LocatedFinding[] {
  const { reference, verdict, fields, why: reason, remedy, origin, file, line = 1 } = drift;
  if (origin === undefined || file === undefined) {
    return [];
  }
  const places = fields.length === 0 ? [undefined] : fields;
  return places.map((field) => {
    const who = field === undefined ? '' : attribution(field);
    return {
      finding: {
        policy: `drift/${verdict}`,
        message: field?.class ?? verdict,
        severity: verdict === 'unknown' ? 'info' : 'warning',
        text: `${field?.why ?? reason}.`,
        remedy,
        object: reference,
        at: field?.at ?? pointer(),
        data: who === '' ? {} : { managers: who },
        mode: 'warn',
      },
      origin,
      file,
      line,
      column: 1,
      endLine: line,
    };
  });
}
