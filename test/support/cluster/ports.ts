import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { readTestEnvironment } from '../environment.ts';

/** Below what systems give to connections and to servers that ask for any port, so that nobody takes one by chance. */
const range = { first: 20_000, ofWorker: 1_000, workers: 10 } as const;

const firstPort = range.first + (readTestEnvironment().worker % range.workers) * range.ofWorker;
// A file that runs after another one has ports of its own: what ended a moment ago may not have let go of them yet.
let next = randomInt(range.ofWorker);

/** Ports on 127.0.0.1 that were free a moment ago, all different, and no worker's but this one's. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  for (let tried = 0; ports.length < count; tried += 1) {
    if (tried === range.ofWorker) throw new Error(`no ports are free from ${firstPort} on`);
    const port = firstPort + (next % range.ofWorker);
    next += 1;
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  await once(server.close(), 'close');
  return true;
}
