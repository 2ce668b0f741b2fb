import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readToolEnvironment } from '../../../tools/install/environment.ts';

/** What to start. */
export interface Command {
  /** Also the name of its log. */
  readonly name: string;
  readonly path: string;
  readonly args: readonly string[];
  /** Added to the environment of this process. */
  readonly variables?: Readonly<Record<string, string>>;
  /** How long it may take to stop by itself before it is killed. */
  readonly stopDeadlineMilliseconds?: number;
}

/** A process of a test. */
export interface RunningProcess {
  readonly name: string;
  readonly pid: number;
  /** How it ended, undefined while it runs. */
  ended(): string | undefined;
  /** The last lines that it wrote. */
  log(): string;
  /** Asks it to end, then kills it; resolves when it is gone. */
  stop(): Promise<void>;
}

/** A temporary folder and the processes that work in it; nothing of it outlives this Node process. */
export interface ProcessGroup {
  readonly folder: string;
  start(command: Command): Promise<RunningProcess>;
  /** The ids of all that was started, in that order. */
  pids(): readonly number[];
  /** The last lines of every log, for a failure's message. */
  logs(): string;
  /** Stops what was started last first, and removes the folder. */
  stop(): Promise<void>;
}

const keptLogLines = 30;
const defaultStopDeadlineMilliseconds = 5_000;

/**
 * Reads process ids on its input, and kills them and removes the folder when the input ends: also when this Node process
 * is killed. An empty line says that all ended well.
 */
const guardScript =
  'while read -r pid; do if [ -z "$pid" ]; then exit; fi; pids="$pids $pid"; done; kill -9 $pids; rm -rf "$1"';

/** Makes an empty group with its temporary folder. */
export function createProcessGroup(): ProcessGroup {
  const folder = mkdtempSync(join(tmpdir(), 'meshgate-cluster-'));
  const guard = spawn('sh', ['-c', guardScript, 'guard', folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  guard.unref();
  const started: RunningProcess[] = [];
  return {
    folder,
    async start(command) {
      const child = await startProcess(command, folder);
      guard.stdin.write(`${child.pid}\n`);
      started.push(child);
      return child;
    },
    pids: () => started.map(({ pid }) => pid),
    logs: () =>
      started
        .map((child) => `--- ${child.name} (${child.ended() ?? 'running'})\n${child.log()}`)
        .join('\n'),
    async stop() {
      for (const child of started.toReversed()) await child.stop();
      guard.stdin.end('\n');
      await ended(guard);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startProcess(command: Command, folder: string): Promise<RunningProcess> {
  const logPath = join(folder, `${command.name}.log`);
  const log = openSync(logPath, 'a');
  const child = spawn(command.path, command.args, {
    cwd: folder,
    env: { ...readToolEnvironment().variables, ...command.variables },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  child.unref();
  const pid = await spawned(child);
  return {
    name: command.name,
    pid,
    ended: () => howEnded(child),
    log: () => readFileSync(logPath, 'utf8').trimEnd().split('\n').slice(-keptLogLines).join('\n'),
    stop: () =>
      stopProcess(child, command.stopDeadlineMilliseconds ?? defaultStopDeadlineMilliseconds),
  };
}

function spawned(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve(child.pid as number));
  });
}

function howEnded(child: ChildProcess): string | undefined {
  if (child.signalCode !== null) return `ended by ${child.signalCode}`;
  return child.exitCode === null ? undefined : `ended with code ${child.exitCode}`;
}

async function stopProcess(child: ChildProcess, deadlineMilliseconds: number): Promise<void> {
  if (howEnded(child) !== undefined) return;
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), deadlineMilliseconds);
  await ended(child);
  clearTimeout(killer);
}

async function ended(child: ChildProcess): Promise<void> {
  if (howEnded(child) !== undefined) return;
  // Processes do not keep Node alive, but this wait must.
  child.ref();
  await new Promise((resolve) => child.once('exit', resolve));
}
