const headerBytes = 8;
const memorySection = 5;
const pageBytes = 64 * 1024;

/**
 * The module with a maximum for its one memory, which Go leaves open. Source: WebAssembly core specification, binary
 * format, memory section. Throws where the module is not built as Go builds it.
 */
export function withMemoryMaximum(module: Buffer, mebibytes: number): Buffer {
  for (let at = headerBytes; at < module.length;) {
    const size = readUnsigned(module, at + 1);
    const end = size.next + size.value;
    if (module[at] === memorySection) {
      return Buffer.concat([
        module.subarray(0, at),
        limitedSection(module.subarray(size.next, end), mebibytes),
        module.subarray(end),
      ]);
    }
    at = end;
  }
  throw new Error('the module has no memory of its own');
}

function limitedSection(content: Buffer, mebibytes: number): Buffer {
  const [count, flags] = content;
  if (count !== 1 || flags !== 0) {
    throw new Error('the module has not one memory without a maximum, as Go makes it');
  }
  const minimum = readUnsigned(content, 2).value;
  const maximum = (mebibytes * 1024 * 1024) / pageBytes;
  const limited = [1, 1, ...writeUnsigned(minimum), ...writeUnsigned(maximum)];
  return Buffer.from([memorySection, ...writeUnsigned(limited.length), ...limited]);
}

/** A number in LEB128: seven bits a byte, the lowest first. */
function readUnsigned(
  bytes: Buffer,
  start: number,
): { readonly value: number; readonly next: number } {
  let value = 0;
  let scale = 1;
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes.readUInt8(at);
    value += (byte % 128) * scale;
    scale *= 128;
    if (byte < 128) return { value, next: at + 1 };
  }
  throw new Error('the module ends within a number');
}

function writeUnsigned(value: number): readonly number[] {
  return value < 128 ? [value] : [128 + (value % 128), ...writeUnsigned(Math.floor(value / 128))];
}
