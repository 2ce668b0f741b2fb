import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JobFiles } from '../../pipelines/render/wasm-jobs.ts';
import { UsageError } from '../usage-error.ts';

/** In a checkout and from a chunk of the bundle, and from the bundle itself. */
const places = ['../../deploy/charts/meshgate', '../deploy/charts/meshgate'];

/** The files of the chart that ships with the command, by their paths in it. Throws a UsageError where it does not. */
export async function readChart(): Promise<JobFiles> {
  const folder = places
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path));
  if (folder === undefined) {
    throw new UsageError('the chart is missing from this installation: install meshgate again');
  }
  const texts: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) {
      const file = join(entry.parentPath, entry.name);
      texts[relative(folder, file).replaceAll(sep, '/')] = await readFile(file, 'utf8');
    }
  }
  return { texts, binaries: {} };
}
