import type { KindName } from '../../policies/core/kinds.ts';
import type { MeshPolicy } from '../../policies/mesh/mesh.ts';
import type { Logger } from '../../webhooks/admission/log.ts';
import { createMetrics, type AdmissionMetrics } from '../../webhooks/admission/metrics.ts';
import type { BackgroundAudit } from '../../webhooks/audit/background.ts';
import { createAdmissionServer, type AdmissionServer } from '../../webhooks/admission/server.ts';
import type { TlsFiles } from '../../webhooks/admission/tls.ts';
import { rotationTimes } from '../../webhooks/certificates/rotation.ts';
import { systemClock } from '../../webhooks/clock.ts';
import { registerConfigurationMetrics } from '../../webhooks/configuration-metrics.ts';
import {
  registerClusterMetrics,
  registerMeshMetrics,
  type ClusterMetrics,
} from '../../webhooks/mesh-metrics.ts';
import type { TracingSettings } from '../../webhooks/tracing/settings.ts';
import type { Tracing } from '../../webhooks/tracing/start.ts';
import type { Upkeep } from '../../webhooks/upkeep/upkeep.ts';
import { UsageError } from '../usage-error.ts';
import { startAudit } from './audit.ts';
import { followCertificate, loadCertificate } from './certificate.ts';
import { connectToCluster, startInCluster, type InClusterFlags } from './in-cluster.ts';
import {
  describeGate,
  openLiveGate,
  type ConfigurationReports,
  type LiveGate,
} from './live-gate.ts';
import { openMesh, type MeshFiles } from './mesh-source.ts';
import { watchMesh } from './watch-mesh.ts';

/** What `meshgate serve` was asked for. */
export interface ServeOptions {
  readonly port: number;
  /** Address to bind; all in a cluster and 127.0.0.1 elsewhere where it is undefined. */
  readonly host: string | undefined;
  /** Undefined where the certificate is kept in a Secret. */
  readonly tls: TlsFiles | undefined;
  /** Manifests that make the mesh in place of a cluster, where there are paths. */
  readonly mesh: MeshFiles;
  readonly kubeconfig: string | undefined;
  readonly config: string | undefined;
  readonly ownNamespace: string;
  /** Where spans of reviews go; undefined: nowhere. */
  readonly tracing: TracingSettings | undefined;
  /** Milliseconds since the epoch, as they pass. */
  readonly clock: () => number;
  /** What is kept right in the cluster; nothing where it is undefined. */
  readonly inCluster?: InClusterFlags | undefined;
}

/** A serving admission gate. */
export interface Serving {
  readonly port: number;
  /** Stops without losing a review and gives everything back. */
  stop(shutdownDelayMilliseconds: number): Promise<void>;
}

interface Parts {
  readonly options: ServeOptions;
  readonly catalogue: readonly MeshPolicy[];
  readonly metrics: AdmissionMetrics;
  readonly cluster: ClusterMetrics;
  readonly logger: Logger;
  readonly changes: Set<KindName>;
  /** Undefined until it runs, and where nothing is kept. */
  readonly upkeep: () => Upkeep | undefined;
}

/**
 * Starts the admission gate. Logs `listening` with the port, and `ready` once the mesh is whole. Throws a UsageError
 * where files cannot be read or the port cannot be bound.
 */
export async function startServing(
  options: ServeOptions,
  catalogue: readonly MeshPolicy[],
  logger: Logger,
): Promise<Serving> {
  const clock = systemClock(options.clock);
  const access = options.inCluster === undefined ? undefined : connectToCluster(options.kubeconfig);
  const first = await loadCertificate(options.tls, clock.now());
  const metrics = createMetrics();
  const cluster = registerClusterMetrics(metrics.registry);
  const changes = new Set<KindName>();
  let upkeep: Upkeep | undefined;
  let audit: BackgroundAudit | undefined;
  const parts = { options, catalogue, metrics, cluster, logger, changes, upkeep: () => upkeep };
  const gate = await openGate(parts);
  const notReady = (): readonly string[] => [...gate.waitingFor(), ...(upkeep?.notReady() ?? [])];
  const tracing = await openTracing(options, metrics, logger);
  const server = createAdmissionServer({
    ...(tracing === undefined ? {} : { trace: tracing.trace }),
    tls: first.pair,
    context: () => (gate.waitingFor().length === 0 ? gate.current()?.context() : undefined),
    notReady,
    details: () => (options.config === undefined ? [] : describeGate(gate)),
    metrics,
    logger,
  });
  const port = await listen(server, options, gate);
  logger.info({ port, mesh: gate.current()?.source.kind }, 'listening');
  const { settleMilliseconds } = options.inCluster?.times?.rotation ?? rotationTimes;
  const telling = { clock, metrics, logger, settleMilliseconds };
  const served = followCertificate(server.server, first, telling);
  if (options.inCluster !== undefined && access !== undefined) {
    const inCluster = { ...options, access, clock, gate, served, metrics, logger };
    upkeep = startInCluster(options.inCluster, inCluster);
    audit = startAudit(options.inCluster, inCluster, upkeep);
  }
  const stopWatching = watchMesh({
    gate,
    logger,
    port,
    changes,
    notReady,
    injectorsBefore: cluster.injectorsBefore,
    event: (event) => upkeep?.event(event),
  });
  return {
    port,
    async stop(shutdownDelayMilliseconds) {
      // Not before the server: it must turn unready at once.
      const leaving = Promise.resolve(audit?.stop()).then(() => upkeep?.leave());
      await server.stop(shutdownDelayMilliseconds);
      await tracing?.stop();
      await leaving;
      await upkeep?.stop();
      served.stop();
      stopWatching();
      await gate.stop();
    },
  };
}

/** Loads what traces only where it is asked for. */
async function openTracing(
  { tracing }: ServeOptions,
  { registry }: AdmissionMetrics,
  logger: Logger,
): Promise<Tracing | undefined> {
  if (tracing === undefined) {
    return undefined;
  }
  const { startTracing } = await import('../../webhooks/tracing/start.ts');
  return startTracing(tracing, registry, logger);
}

async function openGate(parts: Parts): Promise<LiveGate> {
  const { options, catalogue, metrics, cluster, logger, changes } = parts;
  const gate = await openLiveGate({
    ...options,
    catalogue,
    waits: options.inCluster !== undefined,
    reports: configurationReports(parts),
    open: ({ settings }) =>
      openMesh(options, catalogue, settings, {
        changed: (type) => changes.add(type),
        restarted(type, reason, detail) {
          cluster.restarts.inc({ kind: type, reason });
          logger.warn({ kind: type, reason, detail }, 'watch restarted');
        },
        discoveryFailed(detail) {
          logger.warn({ detail }, 'cannot ask the API server which kinds it serves');
        },
      }),
  });
  registerMeshMetrics(metrics.registry, () => gate.current()?.source);
  return gate;
}

function configurationReports({ options, metrics, logger, upkeep }: Parts): ConfigurationReports {
  const told = registerConfigurationMetrics(metrics.registry);
  return {
    inForce({ version }) {
      told.inForce(version, options.clock());
      if (options.config !== undefined) {
        logger.info({ configuration: version }, 'configuration in force');
      }
      upkeep()?.changed();
    },
    refused(version, problem) {
      told.refused();
      logger.error({ configuration: version, problem }, 'configuration refused');
      const note = `Configuration ${version} cannot be used, and the one before stays in force. ${problem}`;
      upkeep()?.event({ type: 'Warning', reason: 'ConfigurationRefused', action: 'Load', note });
    },
  };
}

async function listen(
  server: AdmissionServer,
  { port, host, inCluster }: ServeOptions,
  gate: LiveGate,
): Promise<number> {
  const isInside = inCluster !== undefined || gate.current()?.source.kind === 'cluster';
  try {
    return await server.listen(port, host ?? (isInside ? '0.0.0.0' : '127.0.0.1'));
  } catch (error) {
    await gate.stop();
    throw new UsageError(
      `cannot listen: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
