// `npm test [-- jest arguments]`: runs jest and ends with one line of counts.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readToolEnvironment } from '../install/environment.ts';
import { summarize, type JestResult } from './summary.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const processor = fileURLToPath(new URL('drop-details.ts', import.meta.url));

process.exitCode = await runTests(process.argv.slice(2));

async function runTests(args: readonly string[]): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'meshgate-test-'));
  const outputFile = join(folder, 'result.json');
  try {
    const code = await runJest([
      ...args,
      '--json',
      `--outputFile=${outputFile}`,
      `--testResultsProcessor=${processor}`,
    ]);
    return report(code, await readResult(outputFile));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runJest(args: readonly string[]): Promise<number> {
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const jest = spawn(process.execPath, [...flags, 'node_modules/jest/bin/jest.js', ...args], {
    cwd: root,
    // What jest says on standard output is that it wrote the result file.
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = (await once(jest, 'exit')) as [number | null];
  return code ?? 1;
}

async function readResult(file: string): Promise<JestResult | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as JestResult;
  } catch {
    return undefined;
  }
}

function report(code: number, result: JestResult | undefined): number {
  const summary = summarize(result, readToolEnvironment().ci);
  for (const problem of summary.problems) console.error(problem);
  console.log(summary.line);
  return code === 0 && summary.problems.length === 0 ? 0 : 1;
}
