import type { Registry } from 'prom-client';
import type { Logger } from '../admission/log.ts';
import { tracingMetrics } from '../metrics/catalogue.ts';
import { makeCounter } from '../metrics/make.ts';
import { createSpanExporter } from './exporter.ts';
import type { TracingSettings } from './settings.ts';
import { traceReviews, type ReviewTrace } from './trace-reviews.ts';

/** Tracing that is on. */
export interface Tracing {
  readonly trace: ReviewTrace;
  /** Sends what is left. */
  stop(): Promise<void>;
}

/** Turns tracing on: spans are counted, and the first of each sort of loss is logged. */
export function startTracing(
  settings: TracingSettings,
  registry: Registry,
  logger: Logger,
): Tracing {
  const spans = makeCounter(registry, tracingMetrics.spans);
  const told = new Set<string>();
  const exporter = createSpanExporter({
    ...settings,
    reports: {
      sent(count) {
        told.clear();
        spans.inc({ outcome: 'sent' }, count);
      },
      lost(count, reason) {
        spans.inc({ outcome: 'lost' }, count);
        if (!told.has(reason)) {
          told.add(reason);
          logger.warn({ reason }, 'spans lost');
        }
      },
    },
  });
  return { trace: traceReviews(exporter), stop: () => exporter.stop() };
}
