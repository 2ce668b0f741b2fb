import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { Problem } from './build.ts';
import { binFolder, toolsFolder } from './catalogue.ts';
import type { ToolEnvironment } from './environment.ts';
import { missingGo, runGo, type GoResult } from './go.ts';
import { patchModules } from './patched-modules.ts';
import { startProgress } from './progress.ts';
import { readStamp, stampPath } from './stamps.ts';
import { withMemoryMaximum } from './wasm-memory.ts';

const name = 'render.wasm';
const source = join(toolsFolder, 'render');

/** What one render may hold. Two threads of this size leave room for the rest within a gigabyte. */
const memoryMebibytes = 384;

/** Whether `tools/bin` holds the renderer as its sources and pinned modules are now. */
export function hasRenderer(): boolean {
  return existsSync(join(binFolder, name)) && readStamp(name) === rendererKey();
}

/** Builds the renderer of Kustomize and Helm to WebAssembly, with a maximum for its memory. */
export async function provideRenderer(environment: ToolEnvironment): Promise<Problem> {
  const missing = missingGo('the renderer of Kustomize and Helm', environment);
  if (missing !== undefined) return missing;
  mkdirSync(binFolder, { recursive: true });
  const unfinished = join(binFolder, `${name}.${process.pid}`);
  const progress = startProgress(name);
  const variables = { ...environment.variables, GOOS: 'wasip1', GOARCH: 'wasm' };
  const flags = ['-v', '-trimpath', '-ldflags=-s -w', '-o', unfinished];
  const result = await buildRenderer(flags, { ...environment, variables }, (line) =>
    progress.line(line),
  );
  progress.end(result.ok ? 'built' : 'failed');
  if (!result.ok) {
    rmSync(unfinished, { force: true });
    return `${name} could not be built from tools/render: ${result.problem}`;
  }
  writeFileSync(unfinished, withMemoryMaximum(readFileSync(unfinished), memoryMebibytes));
  renameSync(unfinished, join(binFolder, name));
  writeFileSync(stampPath(name), `${rendererKey()}\n`);
  return undefined;
}

/** Builds the renderer with its modules patched, for the system that the environment names. */
async function buildRenderer(
  flags: readonly string[],
  environment: ToolEnvironment,
  onLine?: (line: string) => void,
): Promise<GoResult> {
  const patched = mkdtempSync(join(tmpdir(), 'meshgate-renderer-'));
  try {
    const modules = await patchModules(join(source, 'patches'), patched, source, environment);
    if (!modules.ok) return modules;
    const args = ['build', `-modfile=${modules.output}`, ...flags, '.'];
    return await runGo(args, source, environment, onLine);
  } finally {
    rmSync(patched, { recursive: true });
  }
}

function rendererKey(): string {
  const hash = createHash('sha256').update(String(memoryMebibytes));
  const files = readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name: file }) => join(parentPath, file));
  for (const file of files.toSorted()) {
    hash.update(relative(source, file)).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 12);
}
