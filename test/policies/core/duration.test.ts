import { describe, expect, test } from '@jest/globals';
import {
  formatDuration,
  inSeconds,
  milliseconds,
  parseDuration,
  seconds,
} from '../../../policies/core/duration.ts';
import { seededRandom } from '../../support/random.ts';

describe('parseDuration reads what Go reads', () => {
  test.each([
    ['1h2m3.5s', 3_723_500],
    ['2m30s', 150_000],
    ['150s', 150_000],
    ['-5s', -5000],
    ['+5s', 5000],
    ['0', 0],
    ['-0', 0],
    ['0s', 0],
    ['.5s', 500],
    ['1.s', 1000],
    ['1.5h', 5_400_000],
    ['100ms', 100],
    ['1us', 0.001],
    ['1µs', 0.001],
    ['1μs', 0.001],
    ['1ns', 0.000001],
    ['5s5s', 10_000],
    ['1m1ms', 60_001],
    ['2562047h47m16.854s', 9_223_372_036_854],
  ])('%s', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  test.each([
    '',
    '5',
    '1d',
    's',
    '.s',
    '-',
    '+',
    '--5s',
    '5 s',
    ' 5s',
    '5s ',
    '5s\n',
    '1.5.5s',
    '1,5s',
    '1e3s',
    '0x1s',
    '5S',
    '٥s',
    'Infinitys',
    'NaN',
    '2562048h',
    '9999999999999999999999s',
    `${'9'.repeat(400)}h`,
  ])('not %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test('a long hostile text is refused at once', () => {
    expect(parseDuration('1'.repeat(300_000))).toBeUndefined();
    expect(parseDuration(`${'1s'.repeat(100_000)}x`)).toBeUndefined();
    expect(parseDuration('.'.repeat(300_000))).toBeUndefined();
  });
});

test('what is formatted reads as the same duration', () => {
  const random = seededRandom(1);
  for (let round = 0; round < 500; round += 1) {
    const duration = milliseconds(random.next(1_000_000_000));
    expect(parseDuration(formatDuration(duration))).toBeCloseTo(duration, 5);
    const decimal = `${String(random.next(100_000) / 10)}s`;
    expect(formatDuration(parseDuration(decimal) ?? milliseconds(-1))).toBe(decimal);
  }
});

test('durations are formatted in seconds, rounded up to a whole millisecond', () => {
  expect(formatDuration(seconds(150))).toBe('150s');
  expect(formatDuration(milliseconds(1500))).toBe('1.5s');
  expect(formatDuration(milliseconds(0.1))).toBe('0.001s');
  expect(formatDuration(milliseconds(0))).toBe('0s');
  expect(inSeconds(milliseconds(1500))).toBe(1.5);
});
