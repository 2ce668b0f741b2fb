import type { DriftReport, ObjectDrift } from '../drift/report.ts';
import { pathOf } from '../drift/readable-path.ts';
import { attribution } from './drift-words.ts';
import { findingResult } from './openreports-findings.ts';
import type { ReportResult } from './openreports.ts';

/** What a comparison found, as results of reports: the differences, and what they break. Kinds as a whole have no place. */
export function driftResults({ drifts, findings }: DriftReport): readonly ReportResult[] {
  return [
    ...drifts.map(driftResult),
    ...findings.map(({ finding, file, line }) => {
      const result = findingResult(finding);
      return { ...result, properties: { ...result.properties, source: `${file}:${String(line)}` } };
    }),
  ];
}

const mostFields = 10;

function driftResult(drift: ObjectDrift): ReportResult {
  const { reference, verdict, why, remedy, fields, file, line = 1 } = drift;
  const shown = fields.slice(0, mostFields);
  const who = new Set(shown.map(attribution).filter((text) => text !== ''));
  return {
    object: reference,
    policy: 'drift',
    rule: verdict,
    category: 'drift',
    severity: 'medium',
    result: verdict === 'unknown' ? 'error' : 'fail',
    message: `${why}. ${remedy}`,
    properties: {
      ...(shown.length === 0
        ? {}
        : { fields: shown.map((field) => pathOf(drift, field)).join(', ') }),
      ...(who.size === 0 ? {} : { managers: [...who].join('; ') }),
      ...(file === undefined ? {} : { source: `${file}:${String(line)}` }),
    },
  };
}
