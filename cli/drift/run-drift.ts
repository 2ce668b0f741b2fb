import { findDrift } from '../../pipelines/drift.ts';
import { indexDeclared, type DriftFilter } from '../../pipelines/drift/declared.ts';
import type { DriftReport } from '../../pipelines/drift/report.ts';
import { catalogue } from '../../policies/index.ts';
import { loadSources, type LoadedSources } from '../load-sources.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';
import { keepYoungGenerationSmall } from '../young-generation.ts';
import { actOnDrift } from './act-on-drift.ts';
import type { DriftOptions } from './options.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { openLive } from './open-live.ts';
import { printDrift } from './print-drift.ts';

/** Runs `meshgate drift` and gives its exit code. Throws a UsageError for what cannot be done at all. */
export async function runDrift(
  paths: readonly string[],
  options: DriftOptions,
  terminal: Terminal,
): Promise<number> {
  keepYoungGenerationSmall();
  if (options.live === '-' && paths.includes('-')) {
    throw new UsageError(
      'the standard input can be either what is declared or what lives, not both',
    );
  }
  const loaded = await loadSources(paths, { ...options, readAgain: true }, terminal);
  const { sources } = loaded;
  try {
    const reports = await compareAll(loaded, options, terminal);
    const { printed, told } = await actOnDrift({ reports, sources, paths }, options, terminal);
    if (!printed) {
      await printDrift(reports, options, terminal);
    }
    const exitCode = exitCodeOf(reports.map(({ verdict }) => verdict));
    const isUnsure = sources.errors.length > 0 && exitCode === 0;
    return isUnsure || !told ? exitCodes.undetermined : exitCode;
  } finally {
    await sources.close?.();
  }
}

/** One report for each cluster that was chosen. */
async function compareAll(
  { settings, sources }: LoadedSources,
  options: DriftOptions,
  terminal: Terminal,
): Promise<readonly DriftReport[]> {
  const states = await openLive(options, settings, terminal);
  const declared = indexDeclared(sources, filterOf(options));
  const reports: DriftReport[] = [];
  for (const live of states) {
    const rules = { catalogue, settings, now: terminal.now() };
    reports.push(await findDrift({ declared, live, rules }));
  }
  return reports;
}

function filterOf({ namespace, kind }: DriftOptions): DriftFilter {
  return {
    ...(namespace.length === 0 ? {} : { namespaces: new Set(namespace) }),
    ...(kind.length === 0 ? {} : { kinds: new Set(kind) }),
  };
}
