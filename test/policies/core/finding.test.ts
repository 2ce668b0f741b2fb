import { expect, test } from '@jest/globals';
import {
  effectOf,
  findingKey,
  type Finding,
  type Mode,
  type Severity,
} from '../../../policies/core/finding.ts';
import { pointer } from '../../../policies/core/pointer.ts';
import { renderTemplate } from '../../../policies/core/policy.ts';

test.each<[Severity, Mode, string]>([
  ['error', 'enforce', 'block'],
  ['error', 'warn', 'warn'],
  ['error', 'audit', 'list'],
  ['warning', 'enforce', 'warn'],
  ['warning', 'warn', 'warn'],
  ['warning', 'audit', 'list'],
  ['info', 'enforce', 'list'],
  ['info', 'warn', 'list'],
  ['error', 'off', 'list'],
])('%s in %s: %s', (severity, mode, effect) => {
  expect(effectOf({ severity, mode })).toBe(effect);
});

test('the key of a finding holds its place, not its wording', () => {
  const finding: Finding = {
    policy: 'drain/first',
    message: 'reported',
    severity: 'error',
    text: 'one',
    remedy: 'two',
    object: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'a' },
    at: pointer('spec'),
    data: {},
    mode: 'warn',
  };
  const reworded: Finding = { ...finding, text: 'other', severity: 'info', data: { x: 1 } };
  expect(findingKey(reworded)).toBe(findingKey(finding));
  expect(findingKey({ ...finding, at: pointer() })).not.toBe(findingKey(finding));
});

test('templates take data by name, never code or inherited members', () => {
  const data = { n: 1, list: ['a', 'b'], gone: null, object: { a: 1 }, dollar: "$& $' $1" };
  expect(renderTemplate('{n} {list} {gone} {object}', data)).toBe('1 a, b null {"a":1}');
  expect(renderTemplate('{dollar}', data)).toBe("$& $' $1");
  expect(renderTemplate('{unknown} {constructor} {} {n', data)).toBe(
    '{unknown} {constructor} {} {n',
  );
});
