import { crc32, deflateSync, inflateSync } from 'node:zlib';

const signature = 8;
const mostColours = 256;

interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue of each pixel, 8 bits each. */
  readonly pixels: Buffer;
}

/** A screenshot as a PNG of at most 256 colours, a third of the size; text and boxes have few. */
export function shrink(png: Buffer): Buffer {
  const { width, height, pixels } = readPng(png);
  const counts = new Map<number, number>();
  const shades = new Map<number, number>();
  const bucketAt = (index: number): number => pixels.readUIntBE(index * 3, 3) & 0xf8_fc_f8;
  for (let index = 0; index < width * height; index += 1) {
    const bucket = bucketAt(index);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
    shades.set(bucket, shades.get(bucket) ?? pixels.readUIntBE(index * 3, 3));
  }
  const palette = [...counts.keys()]
    .toSorted((left, right) => (counts.get(right) ?? 0) - (counts.get(left) ?? 0))
    .slice(0, mostColours);
  const nearest = new Map(
    [...counts.keys()].map((colour) => [colour, indexOfNearest(palette, colour)]),
  );
  const rows = Buffer.alloc((width + 1) * height);
  for (let index = 0; index < width * height; index += 1) {
    const at = Math.floor(index / width) * (width + 1) + 1 + (index % width);
    rows[at] = nearest.get(bucketAt(index)) ?? 0;
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3], 8);
  const colours = Buffer.alloc(palette.length * 3);
  for (const [index, colour] of palette.entries()) {
    colours.writeUIntBE(shades.get(colour) ?? colour, index * 3, 3);
  }
  return Buffer.concat([
    png.subarray(0, signature),
    chunk('IHDR', head),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Reads what Chromium writes: 8 bits a channel, not interlaced. Source: the PNG specification. */
function readPng(png: Buffer): Picture {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const channels = png[25] === 6 ? 4 : 3;
  const parts: Buffer[] = [];
  for (let at = signature; at < png.length;) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') {
      parts.push(png.subarray(at + 8, at + 8 + length));
    }
    at += length + 12;
  }
  const bytes = unfiltered(inflateSync(Buffer.concat(parts)), width * channels, channels);
  const pixels = Buffer.alloc(width * height * 3);
  for (let index = 0; index < width * height; index += 1) {
    bytes.copy(pixels, index * 3, index * channels, index * channels + 3);
  }
  return { width, height, pixels };
}

/** Each row begins with how it was written: as differences from the left, from above, or from both. */
function unfiltered(data: Buffer, stride: number, channels: number): Buffer {
  const rows = data.length / (stride + 1);
  const bytes = Buffer.alloc(stride * rows);
  const byteAt = (row: number, column: number): number =>
    row < 0 || column < 0 ? 0 : (bytes[row * stride + column] ?? 0);
  for (let row = 0; row < rows; row += 1) {
    const start = row * (stride + 1);
    for (let column = 0; column < stride; column += 1) {
      const left = byteAt(row, column - channels);
      const corner = byteAt(row - 1, column - channels);
      const guess = predicted(data[start] ?? 0, left, byteAt(row - 1, column), corner);
      bytes[row * stride + column] = (data[start + 1 + column] ?? 0) + guess;
    }
  }
  return bytes;
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [byLeft, byUp, byCorner] = [left, up, corner].map((value) => Math.abs(guess - value));
  const closerUp = (byUp ?? 0) <= (byCorner ?? 0) ? up : corner;
  const paeth = (byLeft ?? 0) <= Math.min(byUp ?? 0, byCorner ?? 0) ? left : closerUp;
  return [0, left, up, (left + up) >> 1, paeth][filter] ?? 0;
}

function indexOfNearest(palette: readonly number[], colour: number): number {
  let best = 0;
  let least = Infinity;
  for (const [index, other] of palette.entries()) {
    const distance = [16, 8, 0].reduce((sum, shift) => {
      const difference = ((colour >> shift) & 255) - ((other >> shift) & 255);
      return sum + difference * difference;
    }, 0);
    if (distance < least) {
      [best, least] = [index, distance];
    }
  }
  return best;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(data.length, 0);
  frame.set(body, 4);
  frame.writeUInt32BE(crc32(body), body.length + 4);
  return frame;
}
