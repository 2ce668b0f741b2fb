import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadResult, LoadTask } from './load.ts';
import type { ServerMessage, ServerTask } from './serve-as.ts';

/** A server under measurement, in a process of its own on the first core. */
export interface MeasuredServer {
  readonly port: number;
  cpuMicroseconds(): Promise<number>;
  stop(): Promise<void>;
}

const pins = spawnSync('taskset', ['-c', '0', 'true']).status === 0;

/** Starts a server from its file beside this one. */
export async function startServer(file: string, task: ServerTask): Promise<MeasuredServer> {
  const child = startProcess(file, task, 0);
  const { port } = (await nextMessage(child)) as Extract<ServerMessage, { port: number }>;
  return {
    port,
    async cpuMicroseconds() {
      const told = nextMessage(child);
      child.send('cpu');
      const message = (await told) as Extract<ServerMessage, { cpuMicroseconds: number }>;
      return message.cpuMicroseconds;
    },
    async stop() {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}

/** Runs the load generator in a process of its own on the second core. */
export async function runLoad(task: LoadTask): Promise<LoadResult> {
  return (await nextMessage(startProcess('load.ts', task, 1))) as LoadResult;
}

/** Whether servers and load have a core each; else they share, and only CPU per request can be compared. */
export const areCoresApart = pins;

/** Starts a program of the benches, named from this folder, on a core. */
export function startProcess(file: string, task: unknown, core: number): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const node = [process.execPath, path, JSON.stringify(task)];
  const [command = '', ...args] = pins ? ['taskset', '-c', String(core), ...node] : node;
  return spawn(command, args, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
}

/** What a process says next. Rejects where it ends instead. */
export async function nextMessage(child: ChildProcess): Promise<unknown> {
  const gone = new AbortController();
  const exit = (): void => {
    gone.abort(new Error('a process of the bench ended early'));
  };
  child.once('exit', exit);
  try {
    const [message] = (await once(child, 'message', { signal: gone.signal })) as unknown[];
    return message;
  } finally {
    child.off('exit', exit);
  }
}
