import { connect, type TLSSocket } from 'node:tls';
import { setTimeout as pause } from 'node:timers/promises';
import { seededRandom, type Random } from '../../test/support/random.ts';
import { startGateServer, type GateServer } from '../../test/support/admission/gate-server.ts';
import { generateCall, type FuzzCall } from './generate.ts';
import { fuzzSubjects } from './subjects.ts';

/** What calls over connections came to: each answered by its status, or ended by its own client. */
export interface NetworkReport {
  readonly statuses: Readonly<Record<string, number>>;
  readonly failures: readonly string[];
}

type Delivery = (socket: TLSSocket, call: FuzzCall, random: Random) => Promise<boolean>;

const together = 20;
const seeds = 2 ** 32;
const answerMilliseconds = 30_000;
const clean: ReadonlySet<number> = new Set([200, 400, 405, 408, 413, 503]);

/** Sends calls in all the ways in which clients are odd; the server must answer whoever waits, and all is given back. */
export async function fuzzOverNetwork(count: number, seed: number): Promise<NetworkReport> {
  const random = seededRandom(seed);
  const subjects = fuzzSubjects();
  const statuses: Record<string, number> = {};
  const failures: string[] = [];
  let context = subjects[0]?.context;
  const server = await startGateServer({ context: () => context });
  try {
    for (let done = 0; done < count; done += together) {
      // Each call has a generator of its own, so that what it does depends on no other one's pace.
      const calls = Array.from({ length: together }, () => ({
        call: generateCall(subjects, random),
        own: seededRandom(random.next(seeds)),
      }));
      context = calls[0]?.call.subject.context;
      const outcomes = await Promise.all(calls.map(({ call, own }) => deliver(server, call, own)));
      for (const outcome of outcomes) {
        statuses[outcome] = (statuses[outcome] ?? 0) + 1;
        if (!clean.has(Number(outcome)) && outcome !== 'left') {
          failures.push(outcome);
        }
      }
    }
    failures.push(...(await leftovers(server)));
  } finally {
    await server.close();
  }
  return { statuses, failures };
}

/** The status of the answer; `left` where the client did not wait for one. */
async function deliver(server: GateServer, call: FuzzCall, random: Random): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: server.port, ca: server.ca });
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    const status = /^HTTP\/1\.1 (\d{3})/u.exec(text)?.[1];
    if (status !== undefined) {
      resolve(status);
    }
  });
  socket.on('error', () => {
    resolve('connection error');
  });
  socket.on('close', () => {
    resolve('closed without an answer');
  });
  const waits = await random.pick(deliveries)(socket, call, random);
  const outcome = waits
    ? await Promise.race([promise, pause(answerMilliseconds, 'no answer', { ref: false })])
    : 'left';
  socket.destroy();
  return outcome;
}

const deliveries: readonly [Delivery, ...Delivery[]] = [
  (socket, call) => {
    socket.write(
      Buffer.concat([head(call, `Content-Length: ${String(call.body.length)}`), call.body]),
    );
    return Promise.resolve(true);
  },
  async (socket, call, random) => {
    socket.write(head(call, 'Transfer-Encoding: chunked'));
    for (const piece of pieces(call.body, random)) {
      socket.write(`${piece.length.toString(16)}\r\n`);
      socket.write(piece);
      socket.write('\r\n');
      await pause(1);
    }
    socket.write('0\r\n\r\n');
    return true;
  },
  async (socket, call, random) => {
    socket.write(head(call, `Content-Length: ${String(call.body.length)}`));
    for (const piece of pieces(call.body, random)) {
      socket.write(piece);
      await pause(random.next(5));
    }
    return true;
  },
  async (socket, call, random) => {
    socket.write(head(call, `Content-Length: ${String(call.body.length + 1)}`));
    socket.write(call.body.subarray(0, random.next(call.body.length + 1)));
    await pause(random.next(10));
    return false;
  },
  (socket, call) => {
    socket.write(Buffer.concat([head(call, 'Content-Length: -1'), call.body]));
    return Promise.resolve(true);
  },
];

function head({ gate }: FuzzCall, length: string): Buffer {
  return Buffer.from(`POST /${gate}?timeout=10s HTTP/1.1\r\nHost: x\r\n${length}\r\n\r\n`);
}

function pieces(body: Buffer, random: Random): readonly Buffer[] {
  const size = Math.max(1, Math.ceil(body.length / (1 + random.next(6))));
  const count = Math.ceil(body.length / size);
  return Array.from({ length: count }, (_, index) =>
    body.subarray(index * size, (index + 1) * size),
  );
}

/** What is still held once nobody calls any more. */
async function leftovers(server: GateServer): Promise<readonly string[]> {
  const free = ['meshgate_admission_in_flight 0', 'meshgate_admission_in_flight_bytes 0'];
  for (let tries = 0; tries < 500; tries += 1) {
    const metrics = await server.metrics();
    if (free.every((line) => metrics.includes(line))) {
      return server.log
        .filter(({ msg }) => msg === 'review failed' || msg === 'call failed')
        .map((entry) => JSON.stringify(entry));
    }
    await pause(20);
  }
  return ['calls stay in flight that nobody makes'];
}
