import type { Counter, Gauge, Registry } from 'prom-client';
import type { KindName } from '../policies/core/kinds.ts';
import type { Mesh } from '../policies/mesh/mesh.ts';
import { meshMetrics } from './metrics/catalogue.ts';
import { makeCounter, makeGauge } from './metrics/make.ts';

/** What is counted while a cluster is followed; `docs/metrics.md` describes each. */
export interface ClusterMetrics {
  readonly injectorsBefore: Gauge;
  readonly restarts: Counter<'kind' | 'reason'>;
}

/** What the metrics are read from, at each scrape. */
export interface MeshMetricsSource {
  readonly mesh: Mesh;
  readonly types: Iterable<KindName>;
  readonly stalenessSeconds: () => ReadonlyMap<KindName, number>;
  /** What has not been read yet. */
  readonly waitingFor: () => readonly string[];
}

/** Registers what is counted while a cluster is followed. */
export function registerClusterMetrics(registry: Registry): ClusterMetrics {
  return {
    injectorsBefore: makeGauge(registry, meshMetrics.injectorsBefore),
    restarts: makeCounter(registry, meshMetrics.restarts),
  };
}

/** Registers the state of the mesh that verdicts go by, which is read at each scrape; undefined: there is none yet. */
export function registerMeshMetrics(
  registry: Registry,
  current: () => MeshMetricsSource | undefined,
): void {
  makeGauge(registry, meshMetrics.objects, (gauge) => {
    const source = current();
    for (const type of source?.types ?? []) {
      gauge.set({ kind: type }, source?.mesh.count(type) ?? 0);
    }
  });
  makeGauge(registry, meshMetrics.staleness, (gauge) => {
    gauge.reset();
    for (const [type, staleness] of current()?.stalenessSeconds() ?? []) {
      gauge.set({ kind: type }, staleness);
    }
  });
  makeGauge(registry, meshMetrics.synced, (gauge) => {
    gauge.set(current()?.waitingFor().length === 0 ? 1 : 0);
  });
}
