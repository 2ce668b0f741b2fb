import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { stringIn } from '../../policies/core/json.ts';
import { kindNameOf } from '../../policies/core/kinds.ts';
import { internalErrorPolicy } from '../../policies/core/evaluate.ts';
import type { GateAnswer } from './gate.ts';
import type { AdmissionGate, AdmissionRequest } from './request.ts';

/** Why a call got no review: the reason label of `meshgate_admission_refused_total`. */
export type Refusal =
  | 'too-large'
  | 'too-slow'
  | 'aborted'
  | 'no-uid'
  | 'unreadable'
  | 'method'
  | 'overloaded'
  | 'internal';

/** The metrics of an admission server; `docs/metrics.md` describes each. */
export interface AdmissionMetrics {
  readonly registry: Registry;
  /** Says how to count, at each scrape, the calls that are in flight. */
  countInFlight(count: () => number): void;
  readonly certificateExpiry: Gauge;
  reviewed(
    gate: AdmissionGate,
    request: AdmissionRequest,
    answer: GateAnswer,
    durationSeconds: number,
  ): void;
  refused(gate: AdmissionGate, reason: Refusal): void;
}

const durationBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5];

/** Metrics in a registry of their own, so that two servers in one process do not meet. */
export function createMetrics(): AdmissionMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const calls = callMetrics(registers);
  const outcomes = outcomeMetrics(registers);
  return {
    registry,
    countInFlight(count) {
      inFlightGauge(registry, count);
    },
    certificateExpiry: new Gauge({
      name: 'meshgate_certificate_expiry_timestamp_seconds',
      help: 'End of the validity of the serving certificate, in seconds since the epoch.',
      registers,
    }),
    reviewed(gate, request, answer, durationSeconds) {
      const { operation } = request;
      calls.reviews.inc({ gate, operation, kind: kindLabel(request), verdict: answer.verdict });
      calls.duration.observe({ gate }, durationSeconds);
      for (const { finding, effect } of answer.findings) {
        if (finding.policy === internalErrorPolicy) {
          calls.failures.inc({ policy: stringIn(finding.data, 'policy') ?? '' });
        }
        if (!request.dryRun) {
          outcomes.findings.inc({ gate, policy: finding.policy, message: finding.message, effect });
        }
      }
      if (answer.operations > 0 && !request.dryRun) {
        outcomes.operations.inc(answer.operations);
        for (const policy of answer.filled) {
          outcomes.fills.inc({ policy });
        }
      }
    },
    refused(gate, reason) {
      calls.refused.inc({ gate, reason });
    },
  };
}

function inFlightGauge(registry: Registry, count: () => number): void {
  const gauge: Gauge = new Gauge({
    name: 'meshgate_admission_in_flight',
    help: 'Admission calls that wait for their body or their answer.',
    registers: [registry],
    collect: () => {
      gauge.set(count());
    },
  });
}

/** What counts every call, dry runs included. */
function callMetrics(registers: Registry[]) {
  return {
    reviews: new Counter({
      name: 'meshgate_admission_reviews_total',
      help: 'Admission reviews answered, dry runs included.',
      labelNames: ['gate', 'operation', 'kind', 'verdict'] as const,
      registers,
    }),
    duration: new Histogram({
      name: 'meshgate_admission_duration_seconds',
      help: 'Time from the end of the request headers to the answer.',
      labelNames: ['gate'] as const,
      buckets: durationBuckets,
      registers,
    }),
    refused: new Counter({
      name: 'meshgate_admission_refused_total',
      help: 'Calls that were not answered by a review of their object.',
      labelNames: ['gate', 'reason'] as const,
      registers,
    }),
    failures: new Counter({
      name: 'meshgate_policy_failures_total',
      help: 'Evaluations in which a policy itself failed.',
      labelNames: ['policy'] as const,
      registers,
    }),
  };
}

/** What counts what really happens to objects, so that dry runs are left out. */
function outcomeMetrics(registers: Registry[]) {
  return {
    findings: new Counter({
      name: 'meshgate_admission_findings_total',
      help: 'Findings by what they did, dry runs left out.',
      labelNames: ['gate', 'policy', 'message', 'effect'] as const,
      registers,
    }),
    fills: new Counter({
      name: 'meshgate_admission_fills_total',
      help: 'Pods that a policy filled something in on, dry runs left out.',
      labelNames: ['policy'] as const,
      registers,
    }),
    operations: new Counter({
      name: 'meshgate_admission_patch_operations_total',
      help: 'JSON Patch operations sent, dry runs left out.',
      registers,
    }),
  };
}

/** Kinds that we know by name, all others as one, so that no caller can grow the metric. */
function kindLabel({ kind }: AdmissionRequest): string {
  return kindNameOf(`${kind.group}/${kind.version}`, kind.kind) ?? 'other';
}
