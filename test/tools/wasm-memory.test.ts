import { expect, test } from '@jest/globals';
import { withMemoryMaximum } from '../../tools/install/wasm-memory.ts';

const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const custom = [0, 2, 1, 0x61];

test('a memory without a maximum gets one, and the rest stays', () => {
  const module = Buffer.from([...header, ...custom, 5, 4, 1, 0, 0x80, 0x02, ...custom]);
  // 384 MiB are 6144 pages, 0x80 0x30 in LEB128.
  const limited = [...header, ...custom, 5, 6, 1, 1, 0x80, 0x02, 0x80, 0x30, ...custom];
  expect([...withMemoryMaximum(module, 384)]).toEqual(limited);
});

test.each([
  ['no memory', [...header, ...custom]],
  ['a maximum already', [...header, 5, 4, 1, 1, 1, 2]],
  ['two memories', [...header, 5, 5, 2, 0, 1, 0, 1]],
])('%s is refused', (_, bytes) => {
  expect(() => withMemoryMaximum(Buffer.from(bytes), 384)).toThrow('memory');
});
