// `npm run docs [-- --check]`: writes what is generated from the sources, or fails where it is out of date.
import { glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { generatedFiles, generatedFolders } from './generated.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const check = process.argv.includes('--check');
const expected = new Map<string, string>();
for (const { path, text } of await generatedFiles()) {
  expected.set(path, await format(text, { filepath: path, singleQuote: true, printWidth: 100 }));
}

const outdated: string[] = [];
for (const [path, text] of expected) {
  if ((await readIfPresent(path)) === text) continue;
  outdated.push(path);
  if (!check) await write(path, text);
}
for (const path of await presentFiles()) {
  if (expected.has(path)) continue;
  outdated.push(path);
  if (!check) await rm(join(root, path));
}
if (check && outdated.length > 0) {
  console.error(`out of date, run \`npm run docs\`:\n  ${outdated.toSorted().join('\n  ')}`);
  process.exitCode = 1;
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(join(root, path), 'utf8');
  } catch {
    return undefined;
  }
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

/** Every file of the folders that hold nothing but generated ones. */
async function presentFiles(): Promise<readonly string[]> {
  const patterns = generatedFolders.map((folder) => `${folder}/**/*.*`);
  return patterns.length === 0 ? [] : Array.fromAsync(glob(patterns, { cwd: root }));
}
