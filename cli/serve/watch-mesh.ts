import type { KindName } from '../../policies/core/kinds.ts';
import type { Logger } from '../../webhooks/admission/log.ts';
import type { ClusterMetrics } from '../../webhooks/mesh-metrics.ts';
import { injectorsBefore } from '../../webhooks/registration/injector-order.ts';
import type { UpkeepEvent } from '../../webhooks/upkeep/tell.ts';
import type { LiveGate } from './live-gate.ts';

/** What is looked at now and then, and told. */
export interface MeshWatchOptions {
  readonly gate: LiveGate;
  readonly logger: Logger;
  readonly port: number;
  /** Kinds that changed since they were last looked at. */
  readonly changes: Set<KindName>;
  readonly injectorsBefore: ClusterMetrics['injectorsBefore'];
  readonly notReady: () => readonly string[];
  readonly event: (event: UpkeepEvent) => void;
}

const checkMilliseconds = 100;

/** Logs `ready` once, and whenever an injector comes before us. Returns what ends it. */
export function watchMesh(options: MeshWatchOptions): () => void {
  let isReady = false;
  const look = (): void => {
    isReady ||= announceReady(options);
    if (options.changes.delete('MutatingWebhookConfiguration')) {
      checkInjectorOrder(options);
    }
  };
  const looking = setInterval(look, checkMilliseconds);
  look();
  return () => {
    clearInterval(looking);
  };
}

function announceReady({ gate, logger, port, notReady }: MeshWatchOptions): boolean {
  const current = gate.current();
  if (current === undefined || notReady().length > 0) {
    return false;
  }
  const { mesh, types } = current.source;
  let objects = 0;
  for (const type of types) {
    objects += mesh.count(type);
  }
  logger.info({ port, objects }, 'ready');
  return true;
}

function checkInjectorOrder(options: MeshWatchOptions): void {
  const mesh = options.gate.current()?.source.mesh;
  const before = injectorsBefore(mesh?.inNamespace('MutatingWebhookConfiguration', '') ?? []);
  options.injectorsBefore.set(before.length);
  if (before.length > 0) {
    options.logger.warn({ injectors: before }, 'injectors are called before Pods are filled in');
    const note = `${before.join(', ')} is called before Pods are filled in: what is filled in comes too late for it.`;
    options.event({ type: 'Warning', reason: 'InjectorFirst', action: 'Check', note });
  }
}
