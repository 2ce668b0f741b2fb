import type { Readable } from 'node:stream';

/** Bytes in memory that they share with nothing else. */
export type OwnBytes = Buffer<ArrayBuffer>;

/** Everything that a stream gives. Rejects as the stream does. */
export async function readBytes(stream: Readable): Promise<OwnBytes> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
  }
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const bytes = Buffer.allocUnsafeSlow(length);
  let used = 0;
  for (const chunk of chunks) {
    used += chunk.copy(bytes, used);
  }
  return bytes;
}

/**
 * Gives the memory back at once, after which there is nothing in the bytes. The garbage collector takes its time with
 * what lies outside of the heap, and many large answers would wait for it.
 */
export function giveBack(bytes: OwnBytes): void {
  bytes.buffer.transfer(0);
}
