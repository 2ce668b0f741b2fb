import {
  MessageChannel,
  receiveMessageOnPort,
  Worker,
  type MessagePort,
} from 'node:worker_threads';
import { readRendering, type RenderJob, type Rendering } from './wasm-jobs.ts';
import {
  compileRenderer,
  findRenderer,
  missingRenderer,
  type RendererFiles,
} from './wasm-module.ts';
import type { WorkerAnswer, WorkerInput } from './wasm-worker.ts';

/** Renders what it is given, in threads of its own; several jobs at a time. */
export interface Renderer {
  /** Never throws: what goes wrong is a problem of this job alone. */
  render(job: RenderJob): Promise<Rendering>;
  /** Ends the threads. */
  close(): Promise<void>;
}

/** Bounds of rendering. */
export interface RendererLimits {
  readonly workers: number;
  /** What a job may take of a processor; its thread is ended then. On a busy machine that is several times as long. */
  readonly jobMilliseconds: number;
  readonly mostOutputBytes: number;
}

/** Two threads make good use of the cores of a small machine, and keep within a gigabyte. */
export const usualLimits: RendererLimits = {
  workers: 2,
  jobMilliseconds: 10_000,
  mostOutputBytes: 64 * 1024 * 1024,
};

/** What a thread may take until it is ready: a second on an idle machine. */
const startMilliseconds = 60_000;
/** How much longer than its share of a processor a job may take on a busy machine. */
const mostStretch = 4;
const looksPerJob = 20;

/** Makes a renderer; its threads start with the first job. */
export function createRenderer(
  limits: RendererLimits = usualLimits,
  files: RendererFiles | undefined = findRenderer(),
): Renderer {
  const idle: Thread[] = [];
  const waiting: ((thread: Thread) => void)[] = [];
  let free = limits.workers;
  async function acquire(found: RendererFiles): Promise<Thread> {
    const ready = idle.pop();
    if (ready !== undefined) {
      return ready;
    }
    if (free > 0) {
      free -= 1;
      return { files: found };
    }
    return await new Promise((resolve) => {
      waiting.push(resolve);
    });
  }
  function release(thread: Thread): void {
    const next = waiting.shift();
    if (next === undefined) {
      idle.push(thread);
    } else {
      next(thread);
    }
  }
  return {
    async render(job) {
      if (files === undefined) {
        return { problem: missingRenderer };
      }
      const thread = await acquire(files);
      try {
        return await runJob(thread, job, limits);
      } finally {
        release(thread);
      }
    },
    async close() {
      await Promise.all(idle.map(stop));
    },
  };
}

/** A place for a thread; the thread itself comes with the first job, and anew after one that it did not survive. */
interface Thread {
  readonly files: RendererFiles;
  running?: Running | undefined;
}

interface Running {
  readonly worker: Worker;
  readonly port: MessagePort;
  readonly sent: Int32Array;
}

async function runJob(thread: Thread, job: RenderJob, limits: RendererLimits): Promise<Rendering> {
  let running: Running;
  try {
    running = thread.running ?? (await start(thread.files, limits));
  } catch (error) {
    return { problem: `the renderer cannot be started: ${String(error)}`, ended: true };
  }
  thread.running = running;
  const answer = await ask(running, JSON.stringify(job), limits.jobMilliseconds);
  if ('lines' in answer) {
    return readRendering(answer.lines);
  }
  await stop(thread);
  return { problem: describeEnd(answer.fatal, limits), ended: true };
}

async function start(files: RendererFiles, limits: RendererLimits): Promise<Running> {
  const { port1, port2 } = new MessageChannel();
  const input: WorkerInput = {
    module: await compileRenderer(files.module),
    port: port2,
    sent: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT),
    mostOutputBytes: limits.mostOutputBytes,
  };
  const worker = new Worker(files.worker, {
    workerData: input,
    transferList: [port2],
    // Else Node warns that WASI is experimental.
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: {},
  });
  worker.unref();
  const running = { worker, port: port1, sent: new Int32Array(input.sent) };
  const answer = await ask(running, undefined, startMilliseconds);
  if ('fatal' in answer) {
    await worker.terminate();
    throw new Error(answer.fatal);
  }
  return running;
}

/** Sends a job, or only listens where there is none, and waits for the answer. */
async function ask(
  { worker, port, sent }: Running,
  job: string | undefined,
  milliseconds: number,
): Promise<WorkerAnswer> {
  return await new Promise((resolve) => {
    const finish = (answer: WorkerAnswer): void => {
      clearInterval(timer);
      port.off('message', finish);
      worker.off('error', fail);
      worker.off('exit', end);
      port.unref();
      resolve(answer);
    };
    const fail = (error: unknown): void => finish({ fatal: String(error) });
    // On a busy machine the thread's end is told before its last words, which say why.
    const end = (): void =>
      finish(
        (receiveMessageOnPort(port)?.message as WorkerAnswer | undefined) ?? { fatal: 'exit' },
      );
    const timer = limitTime(worker, milliseconds, () => finish({ fatal: 'time' }));
    port.on('message', finish);
    worker.on('error', fail);
    worker.on('exit', end);
    if (job !== undefined) {
      port.postMessage(job);
      Atomics.add(sent, 0, 1);
      Atomics.notify(sent, 0);
    }
  });
}

/**
 * Calls `end` when a thread has used that much of a processor, or has taken several times as long. Where Node cannot
 * tell the first, only the second counts.
 */
function limitTime(worker: Worker, milliseconds: number, end: () => void): NodeJS.Timeout {
  const started = performance.now();
  const before = usedBy(worker);
  return setInterval(() => {
    const elapsed = performance.now() - started;
    if (elapsed > milliseconds * mostStretch) {
      end();
    } else if (elapsed > milliseconds) {
      void Promise.all([before, usedBy(worker)]).then(([first, last]) => {
        if (last - first > milliseconds) {
          end();
        }
      });
    }
  }, milliseconds / looksPerJob);
}

/** Milliseconds of a processor; Infinity where they cannot be told. */
async function usedBy(worker: Worker): Promise<number> {
  try {
    const { user, system } = await worker.cpuUsage();
    return (user + system) / 1000;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

async function stop(thread: Thread): Promise<void> {
  const { running } = thread;
  thread.running = undefined;
  running?.port.close();
  await running?.worker.terminate();
}

function describeEnd(fatal: string, { jobMilliseconds, mostOutputBytes }: RendererLimits): string {
  switch (fatal) {
    case 'time':
      return `rendering was ended after ${String(jobMilliseconds / 1000)} s: does a template loop?`;
    case 'output':
      return `rendering was ended: it gives more than ${String(mostOutputBytes / 1024 / 1024)} MiB`;
    case 'memory':
      return 'rendering was ended: it needs more memory than it may have';
    default:
      return `the renderer ended: ${fatal}`;
  }
}
