import { collectDefaultMetrics, Registry, type Gauge } from 'prom-client';
import { stringIn } from '../../policies/core/json.ts';
import { kindNameOf } from '../../policies/core/kinds.ts';
import { internalErrorPolicy } from '../../policies/core/evaluate.ts';
import { admissionMetrics } from '../metrics/catalogue.ts';
import { makeHistogram } from '../metrics/histogram.ts';
import { makeGauge, makeTally } from '../metrics/make.ts';
import type { GateAnswer } from './gate.ts';
import type { AdmissionGate, AdmissionRequest } from './request.ts';

/** Why a call got no review: the reason label of `meshgate_admission_refused_total`. */
export type Refusal =
  'too-large' | 'too-slow' | 'aborted' | 'no-uid' | 'unreadable' | 'method' | 'internal';

/** Why a call was turned away or passed unjudged: the reason label of `meshgate_admission_shed_total`. */
export type Shedding = 'calls' | 'bytes' | 'deadline';

/** What is under way, read at each scrape. */
export interface Load {
  readonly calls: () => number;
  readonly bytes: () => number;
  readonly loopLagSeconds: () => number;
}

/** The metrics of an admission server; `docs/metrics.md` describes each. */
export interface AdmissionMetrics {
  readonly registry: Registry;
  /** Says what is under way, for each scrape. */
  countLoad(load: Load): void;
  readonly certificateExpiry: Gauge;
  reviewed(
    gate: AdmissionGate,
    request: AdmissionRequest,
    answer: GateAnswer,
    durationSeconds: number,
  ): void;
  refused(gate: AdmissionGate, reason: Refusal): void;
  shed(gate: AdmissionGate, reason: Shedding): void;
}

const durationBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5];

/** Metrics in a registry of their own, so that two servers in one process do not meet. */
export function createMetrics(): AdmissionMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const reviews = makeTally(registry, admissionMetrics.reviews);
  const observe = makeHistogram(registry, admissionMetrics.duration, durationBuckets);
  const refusals = makeTally(registry, admissionMetrics.refused);
  const shed = makeTally(registry, admissionMetrics.shed);
  const failures = makeTally(registry, admissionMetrics.failures);
  const countOutcome = outcomeMetrics(registry);
  return {
    registry,
    countLoad(load) {
      loadGauges(registry, load);
    },
    certificateExpiry: makeGauge(registry, admissionMetrics.certificateExpiry),
    reviewed(gate, request, answer, durationSeconds) {
      reviews(1, gate, request.operation, kindLabel(request), answer.verdict);
      observe(durationSeconds, gate);
      for (const { finding } of answer.findings) {
        if (finding.policy === internalErrorPolicy) {
          failures(1, stringIn(finding.data, 'policy') ?? '');
        }
      }
      if (!request.dryRun) {
        countOutcome(gate, answer);
      }
    },
    refused(gate, reason) {
      refusals(1, gate, reason);
    },
    shed(gate, reason) {
      shed(1, gate, reason);
    },
  };
}

function loadGauges(registry: Registry, { calls, bytes, loopLagSeconds }: Load): void {
  makeGauge(registry, admissionMetrics.inFlight, (gauge) => {
    gauge.set(calls());
  });
  makeGauge(registry, admissionMetrics.inFlightBytes, (gauge) => {
    gauge.set(bytes());
  });
  makeGauge(registry, admissionMetrics.loopLag, (gauge) => {
    gauge.set(loopLagSeconds());
  });
}

/** What counts what really happens to objects, so that dry runs are left out. */
function outcomeMetrics(registry: Registry): (gate: AdmissionGate, answer: GateAnswer) => void {
  const findings = makeTally(registry, admissionMetrics.findings);
  const fills = makeTally(registry, admissionMetrics.fills);
  const operations = makeTally(registry, admissionMetrics.operations);
  return (gate, answer) => {
    for (const { finding, effect } of answer.findings) {
      findings(1, gate, finding.policy, finding.message, effect);
    }
    if (answer.operations > 0) {
      operations(answer.operations);
      for (const policy of answer.filled) {
        fills(1, policy);
      }
    }
  };
}

/** Kinds that we know by name, all others as one, so that no caller can grow the metric. */
function kindLabel({ kind }: AdmissionRequest): string {
  return kindNameOf(`${kind.group}/${kind.version}`, kind.kind) ?? 'other';
}
