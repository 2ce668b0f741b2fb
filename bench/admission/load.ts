import { setTimeout as delay } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';

/** What the load generator is told on its command line, as one JSON argument. */
export interface LoadTask {
  readonly port: number;
  readonly ca: string;
  readonly path: string;
  readonly body: string;
  /** What each request has of its own, by the text that stands for it in the body. */
  readonly varied: Readonly<Record<string, Variation>>;
  readonly connections: number;
  readonly milliseconds: number;
  /** Over all connections, at most; as fast as answers come where it is absent. */
  readonly requestsPerSecond?: number;
}

/** How a text is replaced: by hexadecimal digits but for its dashes, by letters, or by decimal digits; counted up in a row. */
export type Variation = 'hexadecimal' | 'letters' | 'digits';

/** What the load generator saw. */
export interface LoadResult {
  readonly requests: number;
  readonly failures: number;
  readonly seconds: number;
  readonly p50Milliseconds: number;
  readonly p99Milliseconds: number;
  /** The body of the last answer. */
  readonly last: string;
}

const alphabets: Readonly<Record<Variation, string>> = {
  hexadecimal: '0123456789abcdef',
  letters: 'bcdfghjklmnpqrstvwxz2456789',
  digits: '0123456789',
};
const dash = 0x2d;
// Every run goes on somewhere else, so that none sends what an earlier one sent.
let count = Math.floor(Math.random() * 1e8);
const endOfHead = Buffer.from('\r\n\r\n');

// Writes ready-made requests on raw connections, so that it costs far less than what it measures.
async function run(task: LoadTask): Promise<LoadResult> {
  const request = Buffer.from(
    `POST ${task.path}?timeout=10s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${String(Buffer.byteLength(task.body))}\r\n\r\n${task.body}`,
  );
  const sockets = await Promise.all(
    Array.from({ length: task.connections }, () => open(task.port, task.ca)),
  );
  const latencies: number[] = [];
  let failures = 0;
  let last = '';
  const start = performance.now();
  const end = start + task.milliseconds;
  const turn = paced(task.requestsPerSecond, start);
  await Promise.all(
    sockets.map(async (socket) => {
      const answers = answersOf(socket);
      const own = Buffer.from(request);
      const vary = variationOf(own, task.varied);
      do {
        await turn();
        const sent = performance.now();
        vary();
        socket.write(own);
        const answer = await answers();
        latencies.push(performance.now() - sent);
        failures += answer.ok ? 0 : 1;
        last = answer.body;
      } while (performance.now() < end);
      socket.destroy();
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  latencies.sort((left, right) => left - right);
  return {
    requests: latencies.length,
    failures,
    seconds,
    p50Milliseconds: latencies[Math.floor(latencies.length * 0.5)] ?? 0,
    p99Milliseconds: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
    last,
  };
}

/** Makes what waits for the next time to send; who is late does not wait. */
function paced(perSecond: number | undefined, start: number): () => Promise<void> {
  let sent = 0;
  return async () => {
    sent += 1;
    const wait =
      perSecond === undefined ? 0 : start + (sent * 1000) / perSecond - performance.now();
    if (wait > 1) {
      await delay(wait);
    }
  };
}

/** Makes what gives the next values to a request, in place; all places of a text get the same. */
function variationOf(request: Buffer, varied: LoadTask['varied']): () => void {
  const texts = Object.entries(varied).map(([text, variation]) => {
    const places: number[] = [];
    for (let at = request.indexOf(text); at >= 0; at = request.indexOf(text, at + 1)) {
      places.push(at);
    }
    return { length: text.length, places, letters: Buffer.from(alphabets[variation]) };
  });
  return () => {
    for (const { length, places, letters } of texts) {
      count += 1;
      let left = count;
      for (let index = length - 1; index >= 0; index -= 1) {
        const letter = letters[left % letters.length] ?? dash;
        left = Math.floor(left / letters.length);
        for (const place of places) {
          if (request[place + index] !== dash) {
            request[place + index] = letter;
          }
        }
      }
    }
  };
}

function open(port: number, ca: string): Promise<TLSSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  const socket = connect({ host: '127.0.0.1', port, ca }, () => {
    resolve(socket);
  });
  socket.setNoDelay(true);
  socket.on('error', reject);
  return promise;
}

/** Makes what waits for the next answer of a connection; every answer has a Content-Length. */
function answersOf(socket: TLSSocket): () => Promise<{ ok: boolean; body: string }> {
  let waiting: ((answer: { ok: boolean; body: string }) => void) | undefined;
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const headEnd = rest.indexOf(endOfHead);
    if (headEnd < 0) {
      return;
    }
    const head = rest.toString('latin1', 0, headEnd);
    const length = Number(/content-length: (\d+)/iu.exec(head)?.[1]);
    const bodyStart = headEnd + endOfHead.length;
    if (rest.length >= bodyStart + length) {
      const body = rest.toString('utf8', bodyStart, bodyStart + length);
      rest = rest.subarray(bodyStart + length);
      waiting?.({ ok: head.startsWith('HTTP/1.1 200'), body });
    }
  });
  return () => {
    const { promise, resolve } = Promise.withResolvers<{ ok: boolean; body: string }>();
    waiting = resolve;
    return promise;
  };
}

process.send?.(await run(JSON.parse(process.argv[2] ?? '') as LoadTask));
process.disconnect();
