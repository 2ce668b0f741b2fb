import { expect, test } from '@jest/globals';
import { nearestName, suggestion } from '../../../policies/core/nearest.ts';

const names = ['drain/grace-covers-ttl', 'drain/fits-grace-period', 'off', 'nativeSidecars'];

test.each([
  ['drain/grace-cover-ttl', 'drain/grace-covers-ttl'],
  ['grace-covers-ttl', 'drain/grace-covers-ttl'],
  ['Drain/Grace-Covers-TTL', 'drain/grace-covers-ttl'],
  ['nativesidecar', 'nativeSidecars'],
  ['of', 'off'],
  ['something-else', undefined],
  ['', undefined],
  ['__proto__', undefined],
  ['x'.repeat(1_000_000), undefined],
])('%.40s', (name, expected) => {
  expect(nearestName(name, names)).toBe(expected);
});

test('a suggestion is empty where nothing is near', () => {
  expect(suggestion('of', names)).toBe('; did you mean "off"?');
  expect(suggestion('something-else', names)).toBe('');
  expect(suggestion('a', [])).toBe('');
});
