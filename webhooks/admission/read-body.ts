import type { IncomingMessage } from 'node:http';
import type { Deadlines } from './deadlines.ts';

/** A body, or why there is none; `aborted` means that nobody waits for an answer any more. */
export type BodyReading =
  | { readonly body: Buffer; readonly problem?: never }
  | { readonly problem: 'too-large' | 'too-slow' | 'aborted' };

/** Bounds on reading one body. */
export interface BodyLimits {
  readonly bytes: number;
  readonly milliseconds: number;
}

/** A body up to this many times the limit is read to its end and thrown away, so that the client gets to see the answer. */
const discardFactor = 8;

/** Reads the body of a request within its limits and calls `done` once. What is over the limit is not kept. */
export function readBody(
  request: IncomingMessage,
  limits: BodyLimits,
  deadlines: Deadlines,
  done: (reading: BodyReading) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let finished = false;
  const deadline = deadlines.start(limits.milliseconds, () => {
    finish({ problem: 'too-slow' });
  });

  function finish(reading: BodyReading): void {
    if (!finished) {
      finished = true;
      deadlines.end(deadline);
      done(reading);
    }
  }
  function abort(): void {
    finish({ problem: 'aborted' });
  }
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= limits.bytes) {
      chunks.push(chunk);
      return;
    }
    chunks.length = 0;
    if (bytes > limits.bytes * discardFactor) {
      finish({ problem: 'too-large' });
    }
  });
  request.on('end', () => {
    finish(bytes > limits.bytes ? { problem: 'too-large' } : { body: joined(chunks) });
  });
  request.on('error', abort);
  request.on('close', abort);
}

function joined(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
}
