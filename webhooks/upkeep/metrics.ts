import type { Counter, Gauge, Registry } from 'prom-client';
import type { Validity } from '../certificates/pair.ts';
import { upkeepMetrics } from '../metrics/catalogue.ts';
import { makeCounter, makeGauge } from '../metrics/make.ts';

/** What runs in the background: the label of `meshgate_upkeep_failures_total`. */
export type UpkeepTask = 'lease' | 'keep' | 'report' | 'follow' | 'probe' | 'event';

/** The metrics of the upkeep; `docs/metrics.md` describes each. */
export interface UpkeepMetrics {
  readonly leader: Gauge;
  readonly writes: Counter<'configuration' | 'step'>;
  readonly conflicts: Counter<'configuration'>;
  readonly deleted: Gauge<'configuration'>;
  readonly failing: Gauge;
  readonly canaries: Counter<'outcome'>;
  readonly probeSuccess: Gauge;
  readonly probed: Gauge;
  readonly failures: Counter<'task'>;
  /** Tells of the authority that signs from now on. */
  authority(validity: Validity): void;
}

const dayMilliseconds = 24 * 60 * 60 * 1000;

/** What the metrics of certificates are read from, at each scrape. */
export interface CertificateTimes {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Of what is served; undefined while that is provisional. */
  readonly leaf: () => Validity | undefined;
}

/** Registers the metrics of the upkeep. */
export function registerUpkeepMetrics(registry: Registry, times: CertificateTimes): UpkeepMetrics {
  return {
    leader: makeGauge(registry, upkeepMetrics.leader),
    writes: makeCounter(registry, upkeepMetrics.writes),
    conflicts: makeCounter(registry, upkeepMetrics.conflicts),
    deleted: makeGauge(registry, upkeepMetrics.deleted),
    failing: makeGauge(registry, upkeepMetrics.failing),
    canaries: makeCounter(registry, upkeepMetrics.canaries),
    probeSuccess: makeGauge(registry, upkeepMetrics.probeSuccess),
    probed: makeGauge(registry, upkeepMetrics.probed),
    failures: makeCounter(registry, upkeepMetrics.failures),
    authority: registerCertificateMetrics(registry, times),
  };
}

function registerCertificateMetrics(
  registry: Registry,
  { now, leaf }: CertificateTimes,
): UpkeepMetrics['authority'] {
  let authority: Validity | undefined;
  const validities = (): readonly (readonly [string, Validity | undefined])[] => [
    ['leaf', leaf()],
    ['authority', authority],
  ];
  makeGauge(registry, upkeepMetrics.renewed, (gauge) => {
    for (const [certificate, validity] of validities()) {
      if (validity !== undefined) {
        gauge.set({ certificate }, validity.from / 1000);
      }
    }
  });
  makeGauge(registry, upkeepMetrics.daysLeft, (gauge) => {
    for (const [certificate, validity] of validities()) {
      if (validity !== undefined) {
        gauge.set({ certificate }, (validity.to - now()) / dayMilliseconds);
      }
    }
  });
  return (validity) => {
    authority = validity;
  };
}
