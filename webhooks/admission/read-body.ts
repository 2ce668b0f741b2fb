import type { IncomingMessage } from 'node:http';
import { StringDecoder } from 'node:string_decoder';

/** A body as text, or why there is none; `aborted` means that nobody waits for an answer any more. */
export type BodyReading =
  | { readonly body: string; readonly problem?: never }
  | { readonly problem: 'too-large' | 'too-slow' | 'aborted' };

/** Bounds on reading one body. */
export interface BodyLimits {
  readonly bytes: number;
  readonly milliseconds: number;
}

/** A body up to this many times the limit is read to its end and thrown away, so that the client gets to see the answer. */
const discardFactor = 8;

/** Reads the body of a request within its limits; never rejects. What is over the limit is not kept. */
export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<BodyReading> {
  const { promise, resolve } = Promise.withResolvers<BodyReading>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  const timer = setTimeout(() => {
    finish({ problem: 'too-slow' });
  }, limits.milliseconds);

  function finish(reading: BodyReading): void {
    clearTimeout(timer);
    resolve(reading);
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
  request.once('end', () => {
    finish(bytes > limits.bytes ? { problem: 'too-large' } : { body: textOf(chunks) });
  });
  request.once('error', () => {
    finish({ problem: 'aborted' });
  });
  request.once('close', () => {
    finish({ problem: 'aborted' });
  });
  return promise;
}

function textOf(chunks: readonly Buffer[]): string {
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) {
    return only.toString('utf8');
  }
  const decoder = new StringDecoder('utf8');
  return chunks.map((chunk) => decoder.write(chunk)).join('') + decoder.end();
}
