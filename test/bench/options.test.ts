import { expect, test } from '@jest/globals';
import { readOptions } from '../../bench/options.ts';

test('a bench runs at full length and writes nothing unless told', () => {
  expect(readOptions(['drain'])).toEqual({
    names: ['drain'],
    options: { write: false, ttlSeconds: 6, rounds: 3, minutes: 10 },
  });
});

test('the TTL may be a fraction', () => {
  expect(readOptions(['drain', '--write', '--ttl', '2.5', '--rounds', '1'])).toMatchObject({
    options: { write: true, ttlSeconds: 2.5, rounds: 1 },
  });
});

test.each([
  [['--ttl', '0']],
  [['--ttl', 'long']],
  [['--rounds', '0']],
  [['--rounds', '1.5']],
  [['--rounds', '61']],
  [['--minutes', '0']],
  [['--fast']],
])('%j is refused with the usage', (args) => {
  expect(readOptions(args)).toMatch(/^.+\nusage: npm run bench/u);
});
