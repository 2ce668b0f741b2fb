import { spawn, spawnSync } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import type { ToolEnvironment } from './environment.ts';

/** How a Go command ended: its output, or the last lines of what it complained about. */
export type GoResult =
  { readonly ok: true; readonly output: string } | { readonly ok: false; readonly problem: string };

const keptProblemLines = 15;

/** Says that Go is needed to get something; undefined when the Go command is on PATH. */
export function missingGo(what: string, environment: ToolEnvironment): string | undefined {
  const answer = spawnSync('go', ['version'], { env: goVariables(environment) });
  if (answer.status === 0) return undefined;
  return `${what}: neither found nor buildable, since there is no \`go\` on PATH. Install Go 1.26 or later (https://go.dev/dl), or set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver and kube-controller-manager 1.33 or later`;
}

/**
 * Runs `go <args>` in a folder at low priority, without cgo so that no C compiler is needed, and calls `onLine` for each
 * line that it writes to its error output (with `-v`: the package that it compiles).
 */
export async function runGo(
  args: readonly string[],
  folder: string,
  environment: ToolEnvironment,
  onLine: (line: string) => void = () => undefined,
): Promise<GoResult> {
  const child = spawn('go', args, {
    cwd: folder,
    env: goVariables(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  const lines: string[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => output.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) {
      lines.push(line);
      onLine(line);
    }
  });
  child.once('spawn', () => lowerPriority(child.pid));
  const code = await new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (status, signal) => resolve(status ?? signal ?? 'unknown'));
  });
  if (code === 0) return { ok: true, output: output.join('') };
  const tail = [...lines, rest, ...output].slice(-keptProblemLines).join('\n').trim();
  return { ok: false, problem: `go ${args[0]} ended with ${code}:\n${tail}` };
}

function goVariables(environment: ToolEnvironment): Record<string, string | undefined> {
  return { ...environment.variables, CGO_ENABLED: '0', GOWORK: 'off' };
}

function lowerPriority(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // A short command may have ended already; priority is a courtesy to whatever else runs.
  }
}
