import type { Registry } from 'prom-client';
import { configurationMetrics } from './metrics/catalogue.ts';
import { makeCounter, makeGauge } from './metrics/make.ts';

/** What is told of configurations; `docs/metrics.md` describes each. */
export interface ConfigurationMetrics {
  inForce(version: string, now: number): void;
  refused(): void;
}

/** Registers what is told of configurations. */
export function registerConfigurationMetrics(registry: Registry): ConfigurationMetrics {
  const info = makeGauge(registry, configurationMetrics.info);
  const valid = makeGauge(registry, configurationMetrics.valid);
  const loaded = makeGauge(registry, configurationMetrics.loaded);
  const loads = makeCounter(registry, configurationMetrics.loads);
  return {
    inForce(hash, now) {
      info.reset();
      info.set({ hash }, 1);
      valid.set(1);
      loaded.set(now / 1000);
      loads.inc({ result: 'used' });
    },
    refused() {
      valid.set(0);
      loads.inc({ result: 'refused' });
    },
  };
}
