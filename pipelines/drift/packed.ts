import type { JsonObject } from '../../policies/core/json.ts';

/** An object as JSON within bytes that it shares with others. */
export interface Packed {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** Packs objects one after the other. */
export type Packer = (object: JsonObject) => Packed;

/** Enough for many objects, and little to waste at the end of one. */
const blockBytes = 1024 * 1024;

/** Keeps objects outside of the heap, which grows to a multiple of what very many of them would take there. */
export function createPacker(): Packer {
  let block = Buffer.alloc(0);
  let used = 0;
  return (object) => {
    const json = JSON.stringify(object);
    const length = Buffer.byteLength(json);
    if (length > block.length - used) {
      block = Buffer.allocUnsafeSlow(Math.max(blockBytes, length));
      used = 0;
    }
    const start = used;
    used += block.write(json, start);
    return { bytes: block, start, end: used };
  };
}

/** The object that was packed. */
export function unpack({ bytes, start, end }: Packed): JsonObject {
  return JSON.parse(bytes.toString('utf8', start, end)) as JsonObject;
}

/** Whether two objects were written alike, keys in the same order. */
export function samePacked(left: Packed, right: Packed): boolean {
  return left.bytes.compare(right.bytes, right.start, right.end, left.start, left.end) === 0;
}
