import { expect, test } from '@jest/globals';
import { readLooseYaml, readYaml } from '../../../policies/core/yaml.ts';

test('an alias stands for what it names', () => {
  expect(readYaml('a: &x [1]\nb: *x')).toEqual({ value: { a: [1], b: [1] } });
});

test('of a key that stands twice Istio takes the last, which nobody else does', () => {
  expect(readYaml('a: 1\na: 2')).toEqual({ problem: 'duplicated mapping key', line: 2 });
  expect(readLooseYaml('a: 1\na: 2')).toEqual({ value: { a: 2 } });
});

const doublings = Array.from({ length: 40 }, (_, index) => {
  const [from, to] = [`*x${String(index)}`, `&x${String(index + 1)}`];
  return `k${String(index)}: ${to} [${from}, ${from}]`;
});

test.each([
  ['contains itself', 'a: &x [*x]'],
  ['would be endless written out', ['start: &x0 [1]', ...doublings].join('\n')],
])('what %s is refused, since nobody could walk it', (_, text) => {
  expect(readYaml(text)).toEqual({ problem: expect.stringContaining('aliases'), line: 1 });
});
