import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'node:tls';

const bodies: readonly string[] = [
  '',
  '{',
  '[]',
  '{"kind":"AdmissionReview"}',
  `{"request":{"uid":"u","object":${'['.repeat(5000)}`,
  'x'.repeat(64 * 1024),
];
const pauseMilliseconds = 50;
const tooLarge = 8 * 1024 * 1024;
const answerMilliseconds = 5_000;

/** Sends what no API server sends, each on a connection of its own, until the signal: and counts what was sent. */
export async function sendOddCalls(port: number, ca: string, signal: AbortSignal): Promise<number> {
  let sent = 0;
  while (!signal.aborted) {
    const body = bodies[sent % bodies.length] ?? '';
    // Some say that they are larger than they are, and leave; some are too large, and one is no HTTP.
    const length = sent % 5 === 0 ? body.length + 1000 : body.length;
    const announced = sent % 31 === 0 ? tooLarge : length;
    const head = `POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: ${String(announced)}\r\n\r\n`;
    await call(port, ca, sent % 7 === 0 ? body : head + body);
    sent += 1;
    await delay(pauseMilliseconds);
  }
  return sent;
}

async function call(port: number, ca: string, text: string): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port, ca });
  socket.on('error', () => undefined);
  socket.on('secureConnect', () => socket.write(text));
  const limit = AbortSignal.timeout(answerMilliseconds);
  await Promise.race([
    once(socket, 'data', { signal: limit }).catch(() => undefined),
    once(socket, 'close', { signal: limit }).catch(() => undefined),
    delay(pauseMilliseconds * 4),
  ]);
  socket.destroy();
}
