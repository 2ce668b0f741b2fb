import type { LiveState } from '../../pipelines/drift/live.ts';
import { openClusters, type NamedCluster } from '../../pipelines/source/cluster-access.ts';
import { clusterLive } from '../../pipelines/source/cluster-live.ts';
import { createReader } from '../../pipelines/source/cluster-reader.ts';
import { readDump } from '../../pipelines/source/live-dump.ts';
import type { Settings } from '../../policies/core/settings.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';
import type { DriftOptions } from './options.ts';

/** What the declared objects are compared with: a dump, or each chosen cluster. Throws a UsageError where there is none. */
export async function openLive(
  options: DriftOptions,
  settings: Settings,
  terminal: Terminal,
): Promise<readonly LiveState[]> {
  const { live, cluster } = options;
  const states = live === undefined ? openAll(options, settings) : [await openDump(live, terminal)];
  if (cluster !== undefined && states.length > 1) {
    throw new UsageError('--cluster names one cluster, and there are several contexts');
  }
  return cluster === undefined ? states : states.map((state) => ({ ...state, cluster }));
}

async function openDump(dump: string, terminal: Terminal): Promise<LiveState> {
  const reading = await readDump(dump, () => terminal.readInput());
  if ('problems' in reading) {
    throw new UsageError(
      reading.problems.map(({ file, line, text }) => `${file}:${String(line)}: ${text}`).join('\n'),
    );
  }
  return reading.live;
}

function openAll(options: DriftOptions, { drift }: Settings): readonly LiveState[] {
  const dryRun = kindsToAsk(options, drift.dryRun);
  const { signal } = new AbortController();
  return open(options).map(({ name, transport }) =>
    clusterLive(name, createReader({ transport, signal }), dryRun),
  );
}

function kindsToAsk(
  { mode }: DriftOptions,
  configured: readonly string[],
): ReadonlySet<string> | 'all' {
  if (mode === 'compare') {
    return new Set();
  }
  return mode === 'dry-run' && configured.length === 0 ? 'all' : new Set(configured);
}

function open({ kubeconfig, context, allContexts }: DriftOptions): readonly NamedCluster[] {
  try {
    return openClusters({
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      contexts: allContexts === true ? 'all' : context,
    });
  } catch (error) {
    throw new UsageError(
      `${error instanceof Error ? error.message : String(error)}; or name a saved state with --live`,
    );
  }
}
