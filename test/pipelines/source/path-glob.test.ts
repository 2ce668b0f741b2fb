import { expect, test } from '@jest/globals';
import { pathMatcher } from '../../../pipelines/source/path-glob.ts';

test.each([
  ['a.yaml', 'a.yaml', true],
  ['a.yaml', 'x/y/a.yaml', true],
  ['vendor', 'x/vendor/a.yaml', true],
  ['vendor/', 'x/vendor/a.yaml', true],
  ['vendor', 'vendors/a.yaml', false],
  ['*.gen.yaml', 'x/a.gen.yaml', true],
  ['*.gen.yaml', 'x/agen.yaml', false],
  ['x/*/z.yaml', 'x/y/z.yaml', true],
  ['x/*/z.yaml', 'x/y/y/z.yaml', false],
  ['x/**/z.yaml', 'x/z.yaml', true],
  ['x/**/z.yaml', 'x/a/b/z.yaml', true],
  ['./x/?.yaml', 'x/a.yaml', true],
  ['x/?.yaml', 'x//.yaml', false],
  ['(a|b)+.yaml', 'a.yaml', false],
])('%s on %s: %s', (glob, path, wanted) => {
  expect(pathMatcher([glob])(path)).toBe(wanted);
});
