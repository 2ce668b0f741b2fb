/**
 * The thread in which the renderer runs. The module gets what a Go program cannot do without: a clock, random numbers,
 * its standard streams. No file, environment, socket or process is within its reach, and no folder is opened for it.
 */
import { WASI } from 'node:wasi';
import { receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { webAssembly, type CompiledModule, type Imports, type Memory } from './web-assembly.ts';

/** What the thread is started with. */
export interface WorkerInput {
  readonly module: CompiledModule;
  readonly port: MessagePort;
  /** One Int32 that counts the jobs that were sent. */
  readonly sent: SharedArrayBuffer;
  /** What one job may write. */
  readonly mostOutputBytes: number;
}

/**
 * What the thread answers: the lines that a job wrote, none when it is ready for the first one, or why there will be no
 * more answers.
 */
export type WorkerAnswer = { readonly lines: string } | { readonly fatal: string };

const allowed: ReadonlySet<string> = new Set([
  'args_get',
  'args_sizes_get',
  'clock_res_get',
  'clock_time_get',
  'environ_get',
  'environ_sizes_get',
  'fd_fdstat_get',
  'poll_oneoff',
  'proc_exit',
  'random_get',
  'sched_yield',
]);
const success = 0;
const badDescriptor = 8;
const notCapable = 76;
const standardInput = 0;
const standardOutput = 1;
const keptComplaint = 4096;

const { module, port, sent, mostOutputBytes } = workerData as WorkerInput;
const signal = new Int32Array(sent);
let received = 0;
let input: Uint8Array = new Uint8Array();
let output: Uint8Array[] = [];
let outputBytes = 0;
let complaint = '';

const wasi = new WASI({ version: 'preview1', args: ['render'], env: {}, returnOnExit: true });
const instance = new webAssembly.Instance(module, {
  wasi_snapshot_preview1: { ...guarded(), fd_read: read, fd_write: write },
});
const { memory } = instance.exports as { readonly memory: Memory };
try {
  const code = wasi.start(instance);
  answer({ fatal: /out of memory/u.test(complaint) ? 'memory' : `exit code ${String(code)}` });
} catch (error) {
  answer({ fatal: error instanceof Error ? error.message : String(error) });
}

function answer(message: WorkerAnswer): void {
  port.postMessage(message);
}

/** Node's functions where the renderer needs them; every other one refuses. */
function guarded(): Imports {
  const functions = Object.entries(wasi.wasiImport as Imports);
  return Object.fromEntries(
    functions.map(([name, call]) => [
      name,
      allowed.has(name) ? call : () => (name === 'fd_prestat_get' ? badDescriptor : notCapable),
    ]),
  );
}

/** Asking for more means that the last job is done. */
function read(descriptor: number, vectors: number, count: number, sizeAt: number): number {
  if (descriptor !== standardInput) {
    return badDescriptor;
  }
  if (input.length === 0) {
    finishJob();
    input = waitForJob();
  }
  let size = 0;
  for (const target of views(vectors, count)) {
    const part = input.subarray(0, target.length);
    target.set(part);
    input = input.subarray(part.length);
    size += part.length;
  }
  new DataView(memory.buffer).setUint32(sizeAt, size, true);
  return success;
}

function write(descriptor: number, vectors: number, count: number, sizeAt: number): number {
  let size = 0;
  for (const source of views(vectors, count)) {
    size += source.length;
    if (descriptor === standardOutput) {
      output.push(source.slice());
      outputBytes += source.length;
    } else {
      // The reason comes first, then pages of traces.
      complaint = (complaint + new TextDecoder().decode(source)).slice(0, keptComplaint);
    }
  }
  if (outputBytes > mostOutputBytes) {
    throw new RangeError('output');
  }
  new DataView(memory.buffer).setUint32(sizeAt, size, true);
  return success;
}

function views(vectors: number, count: number): readonly Uint8Array[] {
  const view = new DataView(memory.buffer);
  return Array.from({ length: count }, (_, index) => {
    const at = vectors + index * 8;
    return new Uint8Array(memory.buffer, view.getUint32(at, true), view.getUint32(at + 4, true));
  });
}

function finishJob(): void {
  answer({ lines: Buffer.concat(output, outputBytes).toString('utf8') });
  output = [];
  outputBytes = 0;
  complaint = '';
}

function waitForJob(): Uint8Array {
  for (;;) {
    const job = receiveMessageOnPort(port);
    if (job !== undefined) {
      received += 1;
      return new TextEncoder().encode(`${job.message as string}\n`);
    }
    Atomics.wait(signal, 0, received);
  }
}
