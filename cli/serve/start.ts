import type { KindName } from '../../policies/core/kinds.ts';
import type { MeshPolicy } from '../../policies/mesh/mesh.ts';
import type { Logger } from '../../webhooks/admission/log.ts';
import { createMetrics, type AdmissionMetrics } from '../../webhooks/admission/metrics.ts';
import { createAdmissionServer, type AdmissionServer } from '../../webhooks/admission/server.ts';
import {
  followTlsFiles,
  loadTlsPair,
  type TlsFiles,
  type TlsPair,
} from '../../webhooks/admission/tls.ts';
import { gateContexts } from '../../webhooks/gate-contexts.ts';
import { registerClusterMetrics, registerMeshMetrics } from '../../webhooks/mesh-metrics.ts';
import { injectorsBefore } from '../../webhooks/registration/injector-order.ts';
import type { TracingSettings } from '../../webhooks/tracing/settings.ts';
import type { Tracing } from '../../webhooks/tracing/start.ts';
import { openMesh, type MeshFiles, type MeshSource } from './mesh-source.ts';
import { readConfiguration } from './read-configuration.ts';
import { UsageError } from '../usage-error.ts';

/** What `meshgate serve` was asked for. */
export interface ServeOptions {
  readonly port: number;
  /** Address to bind; all in a cluster and 127.0.0.1 elsewhere where it is undefined. */
  readonly host: string | undefined;
  readonly tls: TlsFiles;
  /** Manifests that make the mesh in place of a cluster, where there are paths. */
  readonly mesh: MeshFiles;
  readonly kubeconfig: string | undefined;
  readonly config: string | undefined;
  readonly ownNamespace: string;
  /** Where spans of reviews go; undefined: nowhere. */
  readonly tracing: TracingSettings | undefined;
  /** Milliseconds since the epoch, as they pass. */
  readonly clock: () => number;
}

/** A serving admission gate. */
export interface Serving {
  readonly port: number;
  /** Stops without losing a review and gives everything back. */
  stop(shutdownDelayMilliseconds: number): Promise<void>;
}

interface Parts {
  readonly source: MeshSource;
  readonly metrics: AdmissionMetrics;
  readonly logger: Logger;
}

const checkMilliseconds = 100;

/**
 * Starts the admission gate. Logs `listening` with the port, and `ready` once the mesh is whole. Throws a UsageError
 * where files cannot be read or the port cannot be bound.
 */
export async function startServing(
  options: ServeOptions,
  catalogue: readonly MeshPolicy[],
  logger: Logger,
): Promise<Serving> {
  const pair = await loadPair(options.tls);
  const settings = await readConfiguration(options.config, catalogue);
  const metrics = createMetrics();
  const changes = new Set<KindName>();
  const { restarts, injectorsBefore: misplaced } = registerClusterMetrics(metrics.registry);
  const source = await openMesh(options, catalogue, settings, {
    changed: (type) => changes.add(type),
    restarted(type, reason, detail) {
      restarts.inc({ kind: type, reason });
      logger.warn({ kind: type, reason, detail }, 'watch restarted');
    },
    discoveryFailed(detail) {
      logger.warn({ detail }, 'cannot ask the API server which kinds it serves');
    },
  });
  registerMeshMetrics(metrics.registry, source);
  const parts = { source, metrics, logger };
  const context = gateContexts({ ...options, catalogue, settings, mesh: source.mesh });
  const tracing = await openTracing(options, metrics, logger);
  const server = createAdmissionServer({
    ...(tracing === undefined ? {} : { trace: tracing.trace }),
    tls: pair,
    context: () => (source.waitingFor().length === 0 ? context() : undefined),
    notReady: () => source.waitingFor(),
    metrics,
    logger,
  });
  const port = await listen(server, options, source);
  logger.info({ port, mesh: source.kind }, 'listening');
  const stopFollowing = followCertificate(server, options.tls, pair, parts);
  const checking = setInterval(() => {
    if (changes.delete('MutatingWebhookConfiguration')) {
      checkInjectorOrder(parts, misplaced);
    }
  }, checkMilliseconds);
  const stopWaiting = announceReady(parts, port);
  return {
    port,
    async stop(shutdownDelayMilliseconds) {
      await server.stop(shutdownDelayMilliseconds);
      await tracing?.stop();
      stopFollowing();
      clearInterval(checking);
      stopWaiting();
      await source.stop();
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

async function loadPair(files: TlsFiles): Promise<TlsPair> {
  try {
    return await loadTlsPair(files);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function listen(
  server: AdmissionServer,
  { port, host }: ServeOptions,
  source: MeshSource,
): Promise<number> {
  try {
    return await server.listen(port, host ?? (source.kind === 'cluster' ? '0.0.0.0' : '127.0.0.1'));
  } catch (error) {
    await source.stop();
    throw new UsageError(
      `cannot listen: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function followCertificate(
  { server }: AdmissionServer,
  files: TlsFiles,
  pair: TlsPair,
  { metrics, logger }: Parts,
): () => void {
  metrics.certificateExpiry.set(pair.expiresSeconds);
  return followTlsFiles(server, files, pair, {
    loaded({ expiresSeconds }) {
      metrics.certificateExpiry.set(expiresSeconds);
      logger.info({ expires: new Date(expiresSeconds * 1000) }, 'certificate loaded');
    },
    failed(problem) {
      logger.error({ problem }, 'certificate not loaded, the old one stays');
    },
  });
}

function checkInjectorOrder(
  { source, logger }: Parts,
  gauge: AdmissionMetrics['certificateExpiry'],
): void {
  const before = injectorsBefore(source.mesh.inNamespace('MutatingWebhookConfiguration', ''));
  gauge.set(before.length);
  if (before.length > 0) {
    logger.warn({ injectors: before }, 'injectors are called before Pods are filled in');
  }
}

function announceReady({ source, logger }: Parts, port: number): () => void {
  const look = (): void => {
    if (source.waitingFor().length > 0) {
      return;
    }
    clearInterval(looking);
    let objects = 0;
    for (const type of source.types) {
      objects += source.mesh.count(type);
    }
    logger.info({ port, objects }, 'ready');
  };
  const looking = setInterval(look, checkMilliseconds);
  look();
  return () => {
    clearInterval(looking);
  };
}
