import { blocks, check, type CheckReport } from '../../pipelines/check.ts';
import type { Rules } from '../../pipelines/judge.ts';
import type { Sources } from '../../pipelines/source/read-sources.ts';
import { catalogue } from '../../policies/index.ts';
import { findPolicy } from '../find-policy.ts';
import { loadSources } from '../load-sources.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';
import { keepYoungGenerationSmall, letYoungGenerationGrow } from '../young-generation.ts';
import { mildestShown, type CheckOptions } from './options.ts';
import { progressOn } from './progress.ts';
import { printReport } from './print-report.ts';

const findingsBlock = 1;
const inputUnreadable = 2;

/** Runs `meshgate check` and gives its exit code. Throws a UsageError for what cannot be done at all. */
export async function runCheck(
  paths: readonly string[],
  options: CheckOptions,
  terminal: Terminal,
): Promise<number> {
  const only = options.policy.map((id) => findPolicy(id).id);
  if (options.fix && paths.includes('-')) {
    throw new UsageError(
      '--fix writes to files; it cannot fix the standard input (--diff can show it)',
    );
  }
  const { settings, sources } = await loadSources(paths, options, terminal);
  keepYoungGenerationSmall();
  const rules: Rules = {
    catalogue,
    settings,
    now: terminal.now(),
    ...(only.length === 0 ? {} : { only: new Set(only) }),
  };
  try {
    return await run(sources, rules, options, terminal);
  } finally {
    letYoungGenerationGrow();
    await sources.close?.();
  }
}

async function run(
  sources: Sources,
  rules: Rules,
  options: CheckOptions,
  terminal: Terminal,
): Promise<number> {
  if (options.fix || options.diff) {
    return fix(sources, rules, options, terminal);
  }
  const progress = progressOn(terminal);
  const report = await check(sources, rules, progress.tell, mildestShown(options));
  progress.clear();
  await printReport(report, options, terminal);
  return exitCodeOf(report);
}

async function fix(
  sources: Sources,
  rules: Rules,
  options: CheckOptions,
  terminal: Terminal,
): Promise<number> {
  const { fixFiles, showDiff } = await import('./run-fix.ts');
  if (options.diff) {
    return exitCodeOf(await showDiff(sources, rules, terminal));
  }
  const report = await fixFiles(sources, rules, options, terminal);
  await printReport(report, options, terminal);
  return exitCodeOf(report);
}

function exitCodeOf(report: CheckReport): number {
  if (report.errors.length > 0) {
    return inputUnreadable;
  }
  return blocks(report.findings) ? findingsBlock : 0;
}
