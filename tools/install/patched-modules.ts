import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { applyPatch, parsePatch, type StructuredPatch } from 'diff';
import type { ToolEnvironment } from './environment.ts';
import { runGo, type GoResult } from './go.ts';

/**
 * Copies the modules that `patches` change to `into`, changed, and writes a go.mod that has them in the place of the
 * originals. A patch is named after its module, with `+` for `/`, and must fit to the letter. The result's output is
 * what `go build -modfile` takes.
 */
export async function patchModules(
  patches: string,
  into: string,
  folder: string,
  environment: ToolEnvironment,
): Promise<GoResult> {
  const replacements: string[] = [];
  for (const name of readdirSync(patches).toSorted()) {
    const module = basename(name, '.patch').replaceAll('+', '/');
    const answer = await runGo(['mod', 'download', '-json', module], folder, environment);
    if (!answer.ok) return answer;
    const { Dir: source } = JSON.parse(answer.output) as { readonly Dir: string };
    const copy = join(into, name);
    copyWritable(source, copy);
    for (const patch of parsePatch(readFileSync(join(patches, name), 'utf8'))) {
      if (!patchFile(copy, patch)) {
        return {
          ok: false,
          problem: `${name} does not fit ${patch.newFileName ?? ''} of ${source}`,
        };
      }
    }
    replacements.push(`replace ${module} => ${copy}`);
  }
  const own = readFileSync(join(folder, 'go.mod'), 'utf8');
  const file = join(into, 'go.mod');
  writeFileSync(file, `${own}\n${replacements.join('\n')}\n`);
  copyFileSync(join(folder, 'go.sum'), join(into, 'go.sum'));
  return { ok: true, output: file };
}

/** The module cache is read-only. */
function copyWritable(source: string, copy: string): void {
  cpSync(source, copy, { recursive: true });
  for (const entry of readdirSync(copy, { recursive: true, withFileTypes: true })) {
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
}

function patchFile(folder: string, patch: StructuredPatch): boolean {
  const isNew = patch.hunks[0]?.oldLines === 0;
  const file = join(folder, (patch.newFileName ?? '').replace(/^b\//u, ''));
  const patched = applyPatch(isNew ? '' : readFileSync(file, 'utf8'), patch);
  if (patched === false) return false;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, patched);
  return true;
}
