import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const longestMilliseconds = 200_000;

/** What a run of the command gave. */
export interface CliRun {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line from its sources in a folder, as a process of its own. */
export async function runCli(
  args: readonly string[],
  options: {
    readonly folder: string;
    readonly input?: string;
    readonly env?: Readonly<Record<string, string>>;
  },
): Promise<CliRun> {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: options.folder,
    env: { ...options.env },
    timeout: longestMilliseconds,
    killSignal: 'SIGKILL',
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  // A command that ends before it has read its input breaks the pipe, and what it says counts.
  child.stdin.on('error', () => undefined).end(options.input ?? '');
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  return { code, out, err };
}
