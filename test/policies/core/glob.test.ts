import { describe, expect, test } from '@jest/globals';
import { compileGlob, compileGlobs } from '../../../policies/core/glob.ts';
import { seededRandom } from '../../support/random.ts';

describe('patterns', () => {
  test.each([
    ['*', ''],
    ['*', 'anything'],
    ['team-*', 'team-'],
    ['team-*', 'team-a'],
    ['*-db', 'orders-db'],
    ['a*b*c', 'abc'],
    ['a*b*c', 'a-b-b-c'],
    ['**', 'x'],
    ['a.c', 'a.c'],
  ])('%s matches %j', (pattern, name) => {
    expect(compileGlob(pattern)(name)).toBe(true);
  });

  test.each([
    ['', 'a'],
    ['team-*', 'team'],
    ['a*a', 'a'],
    ['ab*ba', 'aba'],
    ['a*b*c', 'acb'],
    ['a.c', 'abc'],
    ['a*', 'ba'],
    ['team', 'team-a'],
  ])('%s does not match %j', (pattern, name) => {
    expect(compileGlob(pattern)(name)).toBe(false);
  });

  test('agree with a regular expression on short names', () => {
    const random = seededRandom(3);
    for (let round = 0; round < 1000; round += 1) {
      const letters = Array.from({ length: 8 }, () => random.pick(['a', 'b', '*']));
      const pattern = letters.slice(0, 4).join('');
      const name = letters.slice(4).join('').replaceAll('*', '');
      const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 'u').test(name);
      expect([pattern, name, compileGlob(pattern)(name)]).toEqual([pattern, name, expected]);
    }
  });

  test('a hostile name does not make them slow', () => {
    expect(compileGlob('a*a*a*a*a*a*a*a*b')('a'.repeat(200_000))).toBe(false);
    expect(compileGlob('*a*a*a*a*b*')('a'.repeat(200_000))).toBe(false);
  });

  test('any of several may match', () => {
    const matches = compileGlobs(['shop', 'team-*']);
    expect(['shop', 'team-a', 'shops', ''].map(matches)).toEqual([true, true, false, false]);
    expect(compileGlobs([])('')).toBe(false);
  });
});
