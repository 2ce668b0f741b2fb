import { isObject, type Json } from '../../policies/core/json.ts';
import type { Random } from './random.ts';

const oddValues: readonly [Json, ...Json[]] = [
  null,
  true,
  0,
  -1,
  1e308,
  Number.NaN,
  '',
  ' ',
  '*',
  '-1s',
  '__proto__',
  'constructor',
  '\u0000\uFFFF',
  '{'.repeat(2000),
  'x'.repeat(100_000),
  '- &a [*a]',
  [],
  [[]],
  [null],
  ['x', 1, {}],
  {},
  { constructor: null },
  JSON.parse('{"__proto__": {"polluted": true}}') as Json,
  { name: { name: {} } },
];

/** The value with some of its members, at any depth, replaced by odd ones. */
export function withOddValues(value: Json, random: Random, share: number): Json {
  if (random.chance(share)) {
    return random.pick(oddValues);
  }
  if (Array.isArray(value)) {
    return value.map((item) => withOddValues(item as Json, random, share));
  }
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, withOddValues(member, random, share)]),
    );
  }
  return value;
}
