import type { ReportGroup, ReportResult } from '../../pipelines/present/openreports.ts';
import type { ClusterWriter } from '../../pipelines/source/cluster-writer.ts';
import type { GateContext } from '../admission/gate.ts';
import type { Logger } from '../admission/log.ts';
import type { Clock } from '../clock.ts';
import type { AuditMetrics } from './audit-metrics.ts';
import { writeAuditReports } from './reports.ts';
import { gatherResults, type AuditResults } from './results.ts';
import { scanMesh } from './scan.ts';

/** How the background audit runs. */
export interface BackgroundAuditOptions {
  /** What to judge with; undefined while the mesh is not whole. */
  readonly context: () => GateContext | undefined;
  /** Whether this replica is the one that audits. */
  readonly isHolder: () => boolean;
  readonly clock: Clock;
  /** From the end of a scan to the next one. */
  readonly intervalMilliseconds: number;
  readonly metrics: AuditMetrics;
  readonly logger: Logger;
  /** Where reports are written, and whose kind of report; none where it is absent. */
  readonly reports?: { readonly writer: ClusterWriter; readonly group: ReportGroup };
  /** Tells of what the scan before did not find. */
  readonly found?: (fresh: readonly ReportResult[]) => void;
}

/** An audit that runs. */
export interface BackgroundAudit {
  stop(): Promise<void>;
}

const waitMilliseconds = 2000;
/** Reviews come first: a scan holds the event loop this long, then rests four times as long. */
const pace = { sliceMilliseconds: 5, restMilliseconds: 20 };

/**
 * Judges again and again what the cluster holds already, in one replica at a time, and keeps reports and metrics equal
 * to what it found. A scan that could not be reported is done again at once; equal reports are not written twice.
 */
export function auditInBackground(options: BackgroundAuditOptions): BackgroundAudit {
  const stopping = new AbortController();
  const running = run(options, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function run(options: BackgroundAuditOptions, signal: AbortSignal): Promise<void> {
  const { clock, metrics, logger, intervalMilliseconds } = options;
  let before: ReadonlySet<string> | undefined;
  while (!signal.aborted) {
    const context = options.isHolder() ? options.context() : undefined;
    if (context === undefined) {
      before = undefined;
      metrics.forget();
      await clock.sleep(waitMilliseconds, signal);
      continue;
    }
    try {
      const found = await scan(context, options, signal);
      if (found === undefined) {
        continue;
      }
      await report(found.results, options);
      before = tellFresh(found.results, before, options);
      await clock.sleep(intervalMilliseconds, signal);
    } catch (error) {
      metrics.failed();
      logger.warn({ problem: textOf(error) }, 'the audit could not be reported');
      await clock.sleep(waitMilliseconds, signal);
    }
  }
}

/** Undefined where another replica took over, or the process stops. */
async function scan(
  context: GateContext,
  { clock, metrics, isHolder }: BackgroundAuditOptions,
  signal: AbortSignal,
): Promise<AuditResults | undefined> {
  const started = clock.elapsed();
  const found = gatherResults();
  const rest = (): Promise<void> => clock.sleep(pace.restMilliseconds, signal);
  const { sliceMilliseconds } = pace;
  for await (const audit of scanMesh(context, { sliceMilliseconds, rest, signal })) {
    found.add(audit);
    if (signal.aborted || !isHolder()) {
      return undefined;
    }
  }
  metrics.scanned(found, (clock.elapsed() - started) / 1000, clock.now());
  return found;
}

async function report(
  results: readonly ReportResult[],
  { reports, metrics, logger }: BackgroundAuditOptions,
): Promise<void> {
  if (reports === undefined) {
    return;
  }
  const { writer, group } = reports;
  const written = await writeAuditReports(writer, group, results, true);
  metrics.reported(written);
  for (const problem of written.problems) {
    logger.warn({ problem }, 'audit report');
  }
}

/** Tells what is new; the first scan of a replica only remembers, since what it finds may long be known. */
function tellFresh(
  results: readonly ReportResult[],
  before: ReadonlySet<string> | undefined,
  { found }: BackgroundAuditOptions,
): ReadonlySet<string> {
  const keyed = results.map((result) => [keyOf(result), result] as const);
  if (before !== undefined) {
    found?.(keyed.filter(([key]) => !before.has(key)).map(([, result]) => result));
  }
  return new Set(keyed.map(([key]) => key));
}

function keyOf({ object, policy, rule, properties }: ReportResult): string {
  const { kind, namespace, name } = object;
  return JSON.stringify([policy, rule, kind, namespace, name, properties?.['at']]);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
