// `npm run budgets [-- folder]`: the house rules that the linter has no rule for.
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkSource, countLines } from './source-rules.ts';

const maximumMedianLines = 80;
const skippedFolders = new Set(['.git', 'coverage', 'dist', 'node_modules']);
/** Examples are what the tests execute: data, as long as the policy has faults to show. */
const isTest = /^test\/|\.examples\.ts$/u;

const root = process.argv[2] ?? '.';
const problems: string[] = [];
const lineCounts: number[] = [];

for await (const file of glob('**/*.{ts,js,mjs}', { cwd: root, exclude: isSkipped })) {
  if (file.startsWith('test/fixtures/')) continue;
  const text = await readFile(join(root, file), 'utf8');
  problems.push(...checkSource(file, text));
  if (!isTest.test(file)) lineCounts.push(countLines(text));
}

const medianLines = median(lineCounts);
if (medianLines > maximumMedianLines) {
  problems.push(
    `the median file has ${medianLines} lines, at most ${maximumMedianLines} are allowed: split the long ones`,
  );
}
for (const problem of problems.toSorted()) console.error(problem);
if (problems.length === 0) console.log(`${lineCounts.length} files, median ${medianLines} lines`);
process.exitCode = problems.length === 0 ? 0 : 1;

function isSkipped(path: string): boolean {
  return path === 'tools/bin' || path.split('/').some((part) => skippedFolders.has(part));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
