import { describe, expect, test } from '@jest/globals';
import { builtinPolicies } from '../../../policies/core/builtin.ts';
import { evaluate, internalErrorPolicy } from '../../../policies/core/evaluate.ts';
import { effectOf } from '../../../policies/core/finding.ts';
import { planPolicies } from '../../../policies/core/plan.ts';
import { pointer } from '../../../policies/core/pointer.ts';
import type { Policy } from '../../../policies/core/policy.ts';
import { defaultSettings } from '../../../policies/core/read-settings.ts';
import { reportingPolicy, subject } from './support.ts';

const pod = subject('Pod', 'orders', { metadata: { namespace: 'shop' } });

function judged(...catalogue: readonly Policy<undefined>[]) {
  const plan = planPolicies({
    catalogue,
    settings: defaultSettings,
    gate: 'review',
    now: 0,
    namespaceLabels: () => undefined,
  });
  return evaluate(pod, undefined, plan).findings;
}

describe('a finding', () => {
  test('has its policy’s words with the data in them', () => {
    expect(judged(reportingPolicy('a/b'))).toEqual([
      {
        policy: 'a/b',
        message: 'reported',
        severity: 'error',
        mode: 'enforce',
        text: 'The ratio is 2.',
        remedy: 'Take none.',
        at: '/spec',
        object: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'orders' },
        data: { ratio: 2, label: 'none', wait: '5s' },
      },
    ]);
  });

  test('says what was assumed, and may have a severity and a fix of its own', () => {
    const fix = {
      kind: 'fill',
      changes: [{ at: pointer('spec', 'a'), value: 1 }],
      filled: [],
    } as const;
    const report = {
      message: 'reported',
      at: pointer(),
      severity: 'info',
      assumes: ['x', 'y'],
      fix,
    } as const;
    expect(judged(reportingPolicy('a/b', { check: () => [report] }))).toMatchObject([
      {
        severity: 'info',
        text: 'The ratio is {ratio}. Assumes x; y.',
        data: { assumes: ['x', 'y'] },
        fix,
      },
    ]);
  });
});

describe('a policy that fails', () => {
  const failures: readonly [string, Policy<undefined>['check'], string][] = [
    [
      'throws',
      () => {
        throw new Error('no such thing');
      },
      'no such thing',
    ],
    [
      'throws no error',
      () => {
        // oxlint-disable-next-line typescript/only-throw-error -- a library below a policy may do so
        throw 'text';
      },
      'text',
    ],
    [
      'cites a message that it does not declare',
      () => [{ message: 'other', at: pointer() }],
      'message other is not declared',
    ],
  ];

  test.each(failures)(
    '%s: gives a finding that blocks nothing, and the others go on',
    (_, check, reason) => {
      const findings = judged(reportingPolicy('a/a', { check }), reportingPolicy('a/b'));
      expect(findings.map(({ policy }) => policy)).toEqual([internalErrorPolicy, 'a/b']);
      expect(findings[0]).toMatchObject({
        message: 'policy-failed',
        severity: 'warning',
        mode: 'audit',
        text: `The policy a/a could not judge Pod shop/orders: ${reason}.`,
        data: { policy: 'a/a', reason },
      });
      expect(findings.slice(0, 1).map(effectOf)).toEqual(['list']);
    },
  );
});

test('the built-in policies are sorted, in their own topic, and none blocks', () => {
  const ids = builtinPolicies.map(({ id }) => id);
  expect(ids).toEqual(ids.toSorted());
  expect(ids.filter((id) => !id.startsWith('meshgate/'))).toEqual([]);
  expect(builtinPolicies.map(effectOf)).not.toContain('block');
});
