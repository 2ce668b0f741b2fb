import { Counter, Gauge, type Registry } from 'prom-client';
import type { KindName } from '../policies/core/kinds.ts';
import type { Mesh } from '../policies/mesh/mesh.ts';

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
  const registers = [registry];
  return {
    injectorsBefore: new Gauge({
      name: 'meshgate_injectors_before_fill',
      help: 'Injectors that the API server calls before the webhook that fills in; should be 0.',
      registers,
    }),
    restarts: new Counter({
      name: 'meshgate_mesh_watch_restarts_total',
      help: 'Lists and watches that had to be taken up again.',
      labelNames: ['kind', 'reason'] as const,
      registers,
    }),
  };
}

/** Registers the state of a mesh, which is read at each scrape. */
export function registerMeshMetrics(registry: Registry, source: MeshMetricsSource): void {
  for (const gauge of [objectsGauge(source), stalenessGauge(source), syncedGauge(source)]) {
    registry.registerMetric(gauge);
  }
}

function objectsGauge({ mesh, types }: MeshMetricsSource): Gauge {
  const gauge = new Gauge({
    name: 'meshgate_mesh_objects',
    help: 'Objects in the mesh, by kind.',
    labelNames: ['kind'] as const,
    registers: [],
    collect() {
      for (const type of types) {
        gauge.set({ kind: type }, mesh.count(type));
      }
    },
  });
  return gauge;
}

function stalenessGauge({ stalenessSeconds }: MeshMetricsSource): Gauge {
  const gauge = new Gauge({
    name: 'meshgate_mesh_staleness_seconds',
    help: 'Seconds since the API server was last heard of, by kind; bookmarks come about once a minute.',
    labelNames: ['kind'] as const,
    registers: [],
    collect() {
      gauge.reset();
      for (const [type, staleness] of stalenessSeconds()) {
        gauge.set({ kind: type }, staleness);
      }
    },
  });
  return gauge;
}

function syncedGauge({ waitingFor }: MeshMetricsSource): Gauge {
  const gauge = new Gauge({
    name: 'meshgate_mesh_synced',
    help: '1 once everything has been read, else 0.',
    registers: [],
    collect() {
      gauge.set(waitingFor().length === 0 ? 1 : 0);
    },
  });
  return gauge;
}
