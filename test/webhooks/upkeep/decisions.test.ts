import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../../policies/core/json.ts';
import { bundlesOf, desiredOver, isAsDesired } from '../../../webhooks/registration/compare.ts';
import {
  nextFailurePolicy,
  type CanaryOutcome,
  type FailurePolicyState,
} from '../../../webhooks/upkeep/failure-policy.ts';
import { createPacer } from '../../../webhooks/upkeep/pacer.ts';
import { registrationStep } from '../../../webhooks/upkeep/registration-step.ts';
import { manualClock } from '../../support/manual-clock.ts';

const desired: JsonObject = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: 'ours', labels: { a: 'b' }, ownerReferences: [{ uid: 'u1' }] },
  webhooks: [
    { name: 'w', clientConfig: { service: { name: 's' }, caBundle: 'QQ==' }, matchConditions: [] },
  ],
};
const stored: JsonObject = {
  ...desired,
  metadata: {
    name: 'ours',
    resourceVersion: '7',
    labels: { a: 'b', theirs: 'x' },
    annotations: { theirs: 'x' },
    ownerReferences: [{ uid: 'u0' }, { uid: 'u1' }],
  },
  webhooks: [
    {
      name: 'w',
      clientConfig: { service: { name: 's', port: 443 }, caBundle: 'QQ==' },
      objectSelector: {},
      namespaceSelector: {},
      matchPolicy: 'Equivalent',
      timeoutSeconds: 10,
      reinvocationPolicy: 'Never',
    },
  ],
};
const withWebhook = (changes: JsonObject): JsonObject => ({
  ...stored,
  webhooks: [{ ...(stored['webhooks'] as JsonObject[])[0], ...changes }],
});

describe('a registration', () => {
  test('is as desired where only defaults, labels and owners of others differ', () => {
    expect(isAsDesired(desired, stored)).toBe(true);
  });

  test.each([
    ['a timeout', withWebhook({ timeoutSeconds: 3 })],
    [
      'a selector that leaves things out',
      withWebhook({ objectSelector: { matchLabels: { a: 'b' } } }),
    ],
    ['a condition', withWebhook({ matchConditions: [{ name: 'never', expression: 'false' }] })],
    [
      'another port',
      withWebhook({ clientConfig: { service: { name: 's', port: 444 }, caBundle: 'QQ==' } }),
    ],
    ['another trust', withWebhook({ clientConfig: { service: { name: 's' }, caBundle: 'Qg==' } })],
    ['no trust', withWebhook({ clientConfig: { service: { name: 's' } } })],
    ['another webhook', { ...stored, webhooks: [] }],
    ['no label', { ...stored, metadata: { ...(stored['metadata'] as JsonObject), labels: {} } }],
    ['no owner', { ...stored, metadata: { name: 'ours', labels: { a: 'b' } } }],
  ])('is not as desired with %s', (_, live) => {
    expect(isAsDesired(desired, live)).toBe(false);
    const merged = desiredOver(desired, live);
    expect(isAsDesired(desired, merged)).toBe(true);
  });

  test('keeps the resourceVersion and what others wrote beside ours', () => {
    expect(desiredOver(desired, stored)['metadata']).toEqual(stored['metadata']);
  });

  test('keeps the trust that somebody else fills in', () => {
    const open = {
      ...desired,
      webhooks: [{ name: 'w', clientConfig: { service: { name: 's' } } }],
    };
    expect(isAsDesired(open, stored)).toBe(true);
    expect(bundlesOf(desiredOver(open, withWebhook({ timeoutSeconds: 3 })))).toEqual(['A']);
  });
});

describe('what is done about it', () => {
  test.each([
    ['nothing', { desired, live: stored, isRegistered: true, isWritten: true }],
    ['remember', { desired, live: stored, isRegistered: false, isWritten: false }],
    ['create', { desired, live: undefined, isRegistered: false, isWritten: false }],
    ['leave-deleted', { desired, live: undefined, isRegistered: true, isWritten: true }],
    ['leave-deleted', { desired, live: undefined, isRegistered: true, isWritten: false }],
    [
      'undo',
      { desired, live: withWebhook({ timeoutSeconds: 3 }), isRegistered: true, isWritten: true },
    ],
    [
      'change',
      { desired, live: withWebhook({ timeoutSeconds: 3 }), isRegistered: true, isWritten: false },
    ],
    ['remove', { desired: undefined, live: stored, isRegistered: true, isWritten: true }],
    ['forget', { desired: undefined, live: undefined, isRegistered: true, isWritten: false }],
    ['nothing', { desired: undefined, live: undefined, isRegistered: false, isWritten: false }],
  ] as const)('%s', (step, view) => {
    expect(registrationStep(view)).toBe(step);
  });
});

describe('the failure policy', () => {
  function after(
    wanted: 'Ignore' | 'Fail',
    outcomes: readonly CanaryOutcome[],
    from: FailurePolicyState = { policy: 'Ignore', streak: 0 },
  ): string {
    return outcomes.reduce((state, outcome) => nextFailurePolicy(state, wanted, outcome), from)
      .policy;
  }
  const failing = { policy: 'Fail', streak: 3 } as const;

  test.each<[string, 'Ignore' | 'Fail', readonly CanaryOutcome[], FailurePolicyState | undefined]>([
    ['Ignore', 'Fail', [], undefined],
    ['Ignore', 'Fail', ['passed', 'passed'], undefined],
    ['Fail', 'Fail', ['passed', 'passed', 'passed'], undefined],
    ['Ignore', 'Fail', ['passed', 'passed', 'failed', 'passed'], undefined],
    ['Fail', 'Fail', ['passed', 'unknown', 'passed', 'unknown', 'passed'], undefined],
    ['Ignore', 'Ignore', ['passed', 'passed', 'passed'], undefined],
    ['Fail', 'Fail', ['failed', 'failed'], failing],
    ['Fail', 'Fail', ['failed', 'failed', 'passed', 'failed'], failing],
    ['Ignore', 'Fail', ['failed', 'failed', 'failed'], failing],
    ['Fail', 'Fail', ['unknown', 'unknown', 'unknown', 'unknown'], failing],
    ['Ignore', 'Ignore', ['passed'], failing],
  ])('is %s where %s is wanted, after %j', (policy, wanted, outcomes, from) => {
    expect(after(wanted, outcomes, from)).toBe(policy);
  });
});

test('an edit is undone at once, and then ever more slowly until it is quiet', () => {
  const clock = manualClock(0);
  const pacer = createPacer(clock);
  expect(pacer.wait('a')).toBe(0);
  const waits: number[] = [];
  for (let edit = 0; edit < 12; edit += 1) {
    pacer.did('a');
    waits.push(pacer.wait('a'));
    clock.advance(pacer.wait('a'));
  }
  expect(waits.slice(0, 4)).toEqual([1000, 2000, 4000, 8000]);
  expect(waits.at(-1)).toBe(300_000);
  expect(pacer.wait('b')).toBe(0);
  clock.advance(600_000);
  pacer.did('a');
  expect(pacer.wait('a')).toBe(1000);
});
