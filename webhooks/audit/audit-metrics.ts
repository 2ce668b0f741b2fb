import type { Registry } from 'prom-client';
import { auditMetrics } from '../metrics/catalogue.ts';
import { makeCounter, makeGauge } from '../metrics/make.ts';
import type { ReportsWritten } from '../../pipelines/source/cluster-reports.ts';
import type { AuditResults, FindingCount } from './results.ts';

/** What the background audit counts; `docs/metrics.md` describes each. */
export interface AuditMetrics {
  /** Takes the place of what the scan before found. */
  scanned(results: AuditResults, durationSeconds: number, nowMilliseconds: number): void;
  reported(written: ReportsWritten): void;
  failed(): void;
  /** Another replica audits: what this one found is not the present state any more. */
  forget(): void;
}

/** Namespaces with labels of their own; what is found in further ones is counted together, under this name. */
const mostNamespaces = 200;
const otherNamespaces = 'other';

/** Registers the metrics of the background audit. */
export function registerAuditMetrics(registry: Registry): AuditMetrics {
  const findings = makeGauge(registry, auditMetrics.findings);
  const judged = makeGauge(registry, auditMetrics.judged);
  const duration = makeGauge(registry, auditMetrics.duration);
  const last = makeGauge(registry, auditMetrics.last);
  const reports = makeCounter(registry, auditMetrics.reports);
  const failures = makeCounter(registry, auditMetrics.failures);
  return {
    scanned(results, durationSeconds, nowMilliseconds) {
      findings.reset();
      for (const { namespace, policy, severity, count } of foldNamespaces(results.counts())) {
        findings.inc({ namespace, policy, severity }, count);
      }
      judged.set(results.judged());
      duration.set(durationSeconds);
      last.set(nowMilliseconds / 1000);
    },
    reported({ created, replaced, removed }) {
      reports.inc({ action: 'created' }, created);
      reports.inc({ action: 'replaced' }, replaced);
      reports.inc({ action: 'removed' }, removed);
    },
    failed() {
      failures.inc();
    },
    forget() {
      findings.reset();
      judged.reset();
    },
  };
}

/** Keeps the namespaces with the most findings apart, and the others together. */
function foldNamespaces(counts: readonly FindingCount[]): readonly FindingCount[] {
  const totals = new Map<string, number>();
  for (const { namespace, count } of counts) {
    totals.set(namespace, (totals.get(namespace) ?? 0) + count);
  }
  const most = [...totals].toSorted(([, left], [, right]) => right - left).slice(0, mostNamespaces);
  const kept = new Set(most.map(([namespace]) => namespace));
  return counts.map((one) =>
    kept.has(one.namespace) ? one : { ...one, namespace: otherNamespaces },
  );
}
