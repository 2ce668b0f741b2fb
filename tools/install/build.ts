import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binFolder, toolsFolder } from './catalogue.ts';
import type { Tool } from './catalogue.ts';
import type { ToolEnvironment } from './environment.ts';
import { missingGo, runGo } from './go.ts';
import { buildKey, goBuildArguments } from './pinned.ts';
import { startProgress } from './progress.ts';
import { stampPath } from './stamps.ts';

/** Says why something could not be provided; undefined when it is there. */
export type Problem = string | undefined;

/** Builds a tool into `tools/bin`. Go's build cache makes this a matter of seconds for a second checkout. */
export async function buildTool(tool: Tool, environment: ToolEnvironment): Promise<Problem> {
  const missing = missingGo(tool.name, environment);
  if (missing !== undefined) return missing;
  mkdirSync(binFolder, { recursive: true });
  const target = join(binFolder, tool.name);
  const unfinished = `${target}.${process.pid}`;
  const progress = startProgress(tool.name);
  const args = ['build', '-v', ...goBuildArguments(tool), '-o', unfinished, tool.package];
  const result = await runGo(args, join(toolsFolder, tool.module), environment, (line) =>
    progress.line(line),
  );
  progress.end(result.ok ? 'built' : 'failed');
  if (!result.ok) {
    rmSync(unfinished, { force: true });
    return `${tool.name} could not be built from tools/${tool.module}: ${result.problem}`;
  }
  renameSync(unfinished, target);
  writeFileSync(stampPath(tool.name), `${buildKey(tool)}\n`);
  return undefined;
}
