import { findDrift } from '../../pipelines/drift.ts';
import type { DriftFilter } from '../../pipelines/drift/declared.ts';
import type { DriftReport } from '../../pipelines/drift/report.ts';
import { renderSources } from '../../pipelines/render-sources.ts';
import { readSources } from '../../pipelines/source/read-sources.ts';
import { catalogue } from '../../policies/index.ts';
import { readEnvironment } from '../environment.ts';
import { loadSettings } from '../load-settings.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';
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
  if (options.live === '-' && paths.includes('-')) {
    throw new UsageError(
      'the standard input can be either what is declared or what lives, not both',
    );
  }
  const { settings, file } = await loadSettings(options.config);
  const read = await readSources({
    paths,
    ignore: settings.files.ignore,
    except: file === undefined ? [] : [file],
    readInput: () => terminal.readInput(),
  });
  const sources = await renderSources(read, paths, settings, readEnvironment().cacheFolder);
  const reports: DriftReport[] = [];
  for (const live of await openLive(options, settings, terminal)) {
    reports.push(
      await findDrift({
        sources,
        live,
        rules: { catalogue, settings, now: terminal.now() },
        filter: filterOf(options),
      }),
    );
  }
  try {
    if (!(await actOnDrift({ reports, sources, paths }, options, terminal))) {
      await printDrift(reports, options, terminal);
    }
  } finally {
    await sources.close?.();
  }
  const exitCode = exitCodeOf(reports.map(({ verdict }) => verdict));
  return sources.errors.length > 0 && exitCode === 0 ? exitCodes.undetermined : exitCode;
}

function filterOf({ namespace, kind }: DriftOptions): DriftFilter {
  return {
    ...(namespace.length === 0 ? {} : { namespaces: new Set(namespace) }),
    ...(kind.length === 0 ? {} : { kinds: new Set(kind) }),
  };
}
