import { isObject, type Json } from '../../policies/core/json.ts';
import type { ObjectReference } from '../../policies/core/resource.ts';
import type { JsonDriftReport } from './json-drift.ts';
import type { ShownDrift } from './text-drift.ts';

/** A report that came as JSON, for people; undefined where the value is none. */
export function readJsonDrift(value: unknown): ShownDrift | undefined {
  if (!isJsonDrift(value)) {
    return undefined;
  }
  return {
    ...value,
    drifts: value.drifts.map((drift) => ({
      ...drift,
      reference: readReference(drift.apiVersion, drift.object),
    })),
    findings: value.findings.map((finding) => ({
      finding,
      file: finding.file,
      line: finding.line,
    })),
  };
}

const lists = ['drifts', 'inSync', 'unknown', 'findings', 'ignored', 'unusedRules', 'notes'];

function isJsonDrift(value: unknown): value is JsonDriftReport {
  const report = isObject(value) ? (value as Readonly<Record<string, Json>>) : {};
  return (
    report['version'] === 1 &&
    typeof report['cluster'] === 'string' &&
    typeof report['verdict'] === 'string' &&
    isObject(report['coverage']) &&
    lists.every((name) => Array.isArray(report[name]))
  );
}

/** `VirtualService shop/ledger`, or `Namespace shop`. */
function readReference(apiVersion: string, object: string): ObjectReference {
  const [kind = '', place = ''] = object.split(' ', 2);
  const slash = place.indexOf('/');
  return slash < 0
    ? { apiVersion, kind, namespace: '', name: place }
    : { apiVersion, kind, namespace: place.slice(0, slash), name: place.slice(slash + 1) };
}
