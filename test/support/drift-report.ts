import type { DriftReport, FieldDrift, ObjectDrift } from '../../pipelines/drift/report.ts';
import { parsePointer, pointer } from '../../policies/core/pointer.ts';

/** A report on the cluster `prod` that says what a test wants to hear of. */
export function driftReport(parts: Partial<DriftReport> = {}): DriftReport {
  const drifts = parts.drifts ?? [];
  const unknown = parts.unknown ?? [];
  return {
    cluster: 'prod',
    verdict: verdictOf(drifts, unknown),
    inSync: [],
    findings: [],
    coverage: { judged: 3, declared: 4, live: 5 },
    ignored: [],
    unusedRules: [],
    notes: [],
    ...parts,
    drifts,
    unknown,
  };
}

function verdictOf(
  drifts: DriftReport['drifts'],
  unknown: DriftReport['unknown'],
): DriftReport['verdict'] {
  if (drifts.some(({ verdict }) => verdict !== 'unknown')) {
    return 'drift';
  }
  return drifts.length + unknown.length > 0 ? 'undetermined' : 'in-sync';
}

/** A DestinationRule that drifts, by default in one field that somebody edited. */
export function driftOf(name: string, parts: Partial<ObjectDrift> = {}): ObjectDrift {
  return {
    reference: {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      namespace: 'shop',
      name,
    },
    verdict: 'changed',
    fields: [fieldOf('/spec/trafficPolicy/tls/mode', 'MUTUAL', 'DISABLE')],
    why: 'somebody changed it',
    remedy: 'apply Git again, or bring the change to Git',
    file: 'base/rules.yaml',
    line: 12,
    ...parts,
  };
}

/** A field that `kubectl-edit` set. */
export function fieldOf(
  at: string,
  declared: FieldDrift['declared'],
  live: FieldDrift['live'],
  parts: Partial<FieldDrift> = {},
): FieldDrift {
  return {
    at: parsePointer(at) ?? pointer(),
    class: 'changed',
    ...(declared === undefined ? {} : { declared }),
    ...(live === undefined ? {} : { live }),
    manager: 'kubectl-edit',
    operation: 'Update',
    time: '2026-11-30T09:00:00Z',
    why: 'kubectl-edit set another value',
    ...parts,
  };
}
