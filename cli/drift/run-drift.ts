import { findDrift } from '../../pipelines/drift.ts';
import type { DriftFilter } from '../../pipelines/drift/declared.ts';
import type { LiveState } from '../../pipelines/drift/live.ts';
import type { DriftReport } from '../../pipelines/drift/report.ts';
import { renderSources } from '../../pipelines/render-sources.ts';
import { readDump } from '../../pipelines/source/live-dump.ts';
import { readSources } from '../../pipelines/source/read-sources.ts';
import { catalogue } from '../../policies/index.ts';
import { readEnvironment } from '../environment.ts';
import { loadSettings } from '../load-settings.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';
import { actOnDrift } from './act-on-drift.ts';
import type { DriftOptions } from './options.ts';
import { printDrift } from './print-drift.ts';

/** What a verdict says to whatever runs the command. */
const exitCodes = { 'in-sync': 0, drift: 1, undetermined: 2 } as const satisfies Readonly<
  Record<DriftReport['verdict'], number>
>;

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
  const report = await findDrift({
    sources,
    live: await openDump(options, terminal),
    rules: { catalogue, settings, now: terminal.now() },
    filter: filterOf(options),
  });
  try {
    if (!(await actOnDrift({ reports: [report], sources, paths }, options, terminal))) {
      await printDrift(report, options, terminal);
    }
  } finally {
    await sources.close?.();
  }
  return sources.errors.length > 0 && report.verdict === 'in-sync'
    ? exitCodes.undetermined
    : exitCodes[report.verdict];
}

async function openDump({ live, cluster }: DriftOptions, terminal: Terminal): Promise<LiveState> {
  const reading = await readDump(live, () => terminal.readInput());
  if ('problems' in reading) {
    throw new UsageError(
      reading.problems.map(({ file, line, text }) => `${file}:${String(line)}: ${text}`).join('\n'),
    );
  }
  return cluster === undefined ? reading.live : { ...reading.live, cluster };
}

function filterOf({ namespace, kind }: DriftOptions): DriftFilter {
  return {
    ...(namespace.length === 0 ? {} : { namespaces: new Set(namespace) }),
    ...(kind.length === 0 ? {} : { kinds: new Set(kind) }),
  };
}
