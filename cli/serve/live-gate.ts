import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { MeshPolicy } from '../../policies/mesh/mesh.ts';
import type { GateContext } from '../../webhooks/admission/gate.ts';
import { gateContexts } from '../../webhooks/gate-contexts.ts';
import { watchFiles } from '../../webhooks/watch-files.ts';
import { UsageError } from '../usage-error.ts';
import { loadConfiguration, type Configuration } from './configuration.ts';
import type { MeshSource } from './mesh-source.ts';

/** What the gate is made from. */
export interface LiveGateOptions {
  readonly catalogue: readonly MeshPolicy[];
  readonly config: string | undefined;
  readonly ownNamespace: string;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Waits for a configuration that can be used, where the one at the start cannot. */
  readonly waits: boolean;
  /** Opens the mesh by the settings. */
  readonly open: (configuration: Configuration) => Promise<MeshSource>;
  readonly reports: ConfigurationReports;
}

/** What is told of configurations. */
export interface ConfigurationReports {
  inForce(configuration: Configuration): void;
  /** One that cannot be used; the last good one stays in force. */
  refused(version: string, problem: string): void;
}

/** A configuration and the mesh that was read by it. */
export interface InForce {
  readonly configuration: Configuration;
  readonly source: MeshSource;
  readonly context: () => GateContext;
}

/** The configuration in force, as it changes. */
export interface LiveGate {
  /** Undefined until there is a configuration that can be used. */
  current(): InForce | undefined;
  /** What is wrong with the newest configuration, where it is not in force for that. */
  problem(): string | undefined;
  /** What is missing for a verdict; empty: nothing. */
  waitingFor(): readonly string[];
  stop(): Promise<void>;
}

const checkMilliseconds = 100;

/**
 * Reads the configuration and opens the mesh, and does so again whenever the file changes: the new one takes over in one
 * step, once its mesh is whole. Throws a UsageError where the first one cannot be used and nobody waits.
 */
export async function openLiveGate(options: LiveGateOptions): Promise<LiveGate> {
  const stopping = new AbortController();
  let inForce: InForce | undefined;
  let version = '';
  let problem: string | undefined;
  let reloading = Promise.resolve();

  function refuse(text: string): void {
    problem = text;
    options.reports.refused(version, text);
  }

  async function reload(): Promise<void> {
    const reading = await loadConfiguration(options.config, options.catalogue);
    const read = 'configuration' in reading ? reading.configuration : reading;
    if (read.version === version || stopping.signal.aborted) {
      return;
    }
    version = read.version;
    if ('problem' in read) {
      refuse(read.problem);
      return;
    }
    const before = inForce;
    inForce = await successor(read, before, options, stopping.signal);
    problem = undefined;
    options.reports.inForce(read);
    if (before?.source !== inForce.source) {
      await before?.source.stop();
    }
  }

  function reloadSoon(): void {
    reloading = reloading.then(reload).catch((error: unknown) => {
      refuse(error instanceof Error ? error.message : String(error));
    });
  }

  await reload();
  if (inForce === undefined && !options.waits) {
    throw new UsageError(problem ?? 'the configuration cannot be used');
  }
  const stopWatching = watchConfiguration(options, reloadSoon);
  return {
    current: () => inForce,
    problem: () => problem,
    waitingFor: () => inForce?.source.waitingFor() ?? ['configuration'],
    async stop() {
      stopping.abort();
      stopWatching();
      await reloading;
      await inForce?.source.stop();
    },
  };
}

/** What takes over: with the same mesh where the facts about it are the same, else with one that has been read anew. */
async function successor(
  configuration: Configuration,
  before: InForce | undefined,
  { catalogue, ownNamespace, clock, open }: LiveGateOptions,
  signal: AbortSignal,
): Promise<InForce> {
  const { settings, version } = configuration;
  const isSame = isDeepStrictEqual(before?.configuration.settings.mesh, settings.mesh);
  const source = isSame && before !== undefined ? before.source : await open(configuration);
  if (before !== undefined) {
    await untilWhole(source, signal);
  }
  const { mesh } = source;
  const context = gateContexts({ catalogue, settings, mesh, ownNamespace, clock, version });
  return { configuration, source, context };
}

async function untilWhole(source: MeshSource, signal: AbortSignal): Promise<void> {
  while (source.waitingFor().length > 0 && !signal.aborted) {
    await delay(checkMilliseconds);
  }
}

function watchConfiguration({ config, reports }: LiveGateOptions, changed: () => void): () => void {
  if (config === undefined) {
    return () => undefined;
  }
  const failed = (problem: string): void => {
    reports.refused('unreadable', `${config} is not watched: ${problem}`);
  };
  return watchFiles([config], { changed, failed });
}

/** Which configuration is in force, and what is wrong with a newer one: lines of `/readyz`. */
export function describeGate(gate: LiveGate): readonly string[] {
  const version = gate.current()?.configuration.version;
  const problem = gate.problem();
  return [
    `configuration in force: ${version ?? 'none'}`,
    ...(problem === undefined ? [] : [`configuration refused: ${problem}`]),
  ];
}
