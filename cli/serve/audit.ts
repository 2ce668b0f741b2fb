import type { ReportResult } from '../../pipelines/present/openreports.ts';
import { createEventSink, type ClusterEvent } from '../../pipelines/source/cluster-events.ts';
import { registerAuditMetrics } from '../../webhooks/audit/audit-metrics.ts';
import { auditInBackground, type BackgroundAudit } from '../../webhooks/audit/background.ts';
import type { Upkeep } from '../../webhooks/upkeep/upkeep.ts';
import type { InClusterFlags, InClusterParts } from './in-cluster.ts';

const minuteMilliseconds = 60_000;
/** Events in a row, so that a policy that is turned on does not flood the cluster; the reports hold everything. */
const mostEventsAtOnce = 10;

/** Starts to judge what the cluster holds already, in the replica that holds the Lease. Undefined where it is off. */
export function startAudit(
  { audit: { minutes, reports }, identity }: InClusterFlags,
  { access: { writer }, clock, gate, metrics, logger }: InClusterParts,
  upkeep: Upkeep,
): BackgroundAudit | undefined {
  if (minutes === 0) {
    return undefined;
  }
  const sink = createEventSink({
    writer,
    instance: identity,
    now: () => clock.now(),
    burst: mostEventsAtOnce,
    onProblem(error) {
      logger.warn(
        { problem: error instanceof Error ? error.message : String(error) },
        'audit event',
      );
    },
  });
  return auditInBackground({
    context: () => (gate.waitingFor().length === 0 ? gate.current()?.context() : undefined),
    isHolder: () => upkeep.isHolder(),
    clock,
    intervalMilliseconds: minutes * minuteMilliseconds,
    metrics: registerAuditMetrics(metrics.registry),
    logger,
    ...(reports === undefined ? {} : { reports: { writer, group: reports } }),
    found(fresh) {
      for (const result of fresh) {
        void sink(eventOf(result));
      }
    },
  });
}

function eventOf({ object, policy, message }: ReportResult): ClusterEvent {
  const { apiVersion, kind, name, namespace } = object;
  return {
    about: { apiVersion, kind, name, ...(namespace === '' ? {} : { namespace }) },
    type: 'Warning',
    reason: 'PolicyViolation',
    action: 'Audit',
    note: `${policy}: ${message}`,
  };
}
