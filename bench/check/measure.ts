import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** What one run of a program took. */
export interface Run {
  readonly seconds: number;
  /** User and system time; undefined where the program does not tell. */
  readonly cpuSeconds: number | undefined;
  readonly megabytes: number | undefined;
}

interface Usage {
  readonly cpuMicroseconds: number;
  readonly kilobytes: number;
}

const command = fileURLToPath(new URL('../../bin/meshgate.mjs', import.meta.url));
const usageTeller = new URL('tell-usage.ts', import.meta.url).href;
const inputUnreadable = 2;

/** Runs `meshgate check` as it ships on a folder. Rejects where it cannot be run or cannot read what is there. */
export function runCheck(folder: string): Promise<Run> {
  return runCommand(['check', '--quiet', folder]);
}

/** Runs the command as it ships. Rejects where it cannot be run, or says that it could not do its work. */
export async function runCommand(args: readonly string[]): Promise<Run> {
  const { code, seconds, told } = await run(process.execPath, [
    '--import',
    usageTeller,
    command,
    ...args,
  ]);
  if (told === '' || code >= inputUnreadable) {
    const name = args[0] ?? '';
    throw new Error(`meshgate ${name} ended with ${String(code)}: is it built (npm run build)?`);
  }
  const { cpuMicroseconds, kilobytes } = JSON.parse(told) as Usage;
  return { seconds, cpuSeconds: cpuMicroseconds / 1e6, megabytes: kilobytes / 1024 };
}

/** Runs `istioctl analyze` of the binary with all of Istio on files. */
export async function runIstioctl(program: string, files: readonly string[]): Promise<Run> {
  const { seconds } = await run(program, [
    'istioctl',
    'analyze',
    '-A',
    '--use-kube=false',
    ...files,
  ]);
  return { seconds, cpuSeconds: undefined, megabytes: undefined };
}

async function run(
  program: string,
  args: readonly string[],
): Promise<{ readonly code: number; readonly seconds: number; readonly told: string }> {
  const start = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const [told, [code]] = await Promise.all([
    text(child.stdio[3] as Readable),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code: code ?? inputUnreadable, seconds: (performance.now() - start) / 1000, told };
}
