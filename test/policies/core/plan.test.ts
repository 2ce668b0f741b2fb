import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import type { Gate } from '../../../policies/core/finding.ts';
import type { Json } from '../../../policies/core/json.ts';
import type { NamespaceLabels } from '../../../policies/core/match.ts';
import { planPolicies } from '../../../policies/core/plan.ts';
import type { Subject } from '../../../policies/core/policy.ts';
import { catalogue, reportingPolicy, settings, subject } from './support.ts';

const known: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  shop: { tier: 'gold' },
  dev: {},
};
const namespaceLabels: NamespaceLabels = (namespace) => known[namespace];

function plan(document: Readonly<Record<string, Json>> = {}, gate: Gate = 'review') {
  return planPolicies({ catalogue, settings: settings(document), gate, now: 0, namespaceLabels });
}

function scoped(
  match: Json,
  policies: Json = { 'drain/first': { mode: 'off' } },
): Record<string, Json> {
  return { scopes: [{ name: 'scope', match, policies }] };
}

/** `<policy>=<mode>` of what judges a subject. */
function judges(document: Readonly<Record<string, Json>>, of: Subject, gate: Gate = 'review') {
  return plan(document, gate)
    .policiesFor(of)
    .map(({ policy, mode }) => `${policy.id}=${mode}`);
}

const pod = subject('Pod', 'orders-1', {
  metadata: { namespace: 'shop', labels: { app: 'orders', constructor: 'x' } },
});

describe('modes', () => {
  test('are those of the gate where nothing is said', () => {
    expect(judges({}, pod, 'admission')).toEqual(['drain/first=warn', 'drain/second=warn']);
    expect(judges({}, pod, 'review')).toEqual(['drain/first=enforce', 'drain/second=enforce']);
    expect(judges({}, subject('Service', 'x'))).toEqual([]);
  });

  test('are set for all gates or for one, and off takes the policy out', () => {
    const policies = {
      'drain/first': { mode: { review: 'audit', drift: 'off' } },
      'drain/second': { mode: 'off' },
    };
    expect(judges({ policies }, pod, 'review')).toEqual(['drain/first=audit']);
    expect(judges({ policies }, pod, 'admission')).toEqual(['drain/first=warn']);
    expect(judges({ policies }, pod, 'drift')).toEqual([]);
    expect([...plan({ policies }, 'drift').subjects].toSorted()).toEqual([
      'Namespace',
      'ServiceEntry',
    ]);
  });

  test('a kind is judged where a scope alone turns a policy on', () => {
    const policies = { 'drain/first': { mode: 'off' }, 'drain/second': { mode: 'off' } };
    const document = { policies, ...scoped({ names: ['x'] }, { 'drain/first': { mode: 'warn' } }) };
    expect(plan(document).subjects.has('Pod')).toBe(true);
    expect(judges(document, pod)).toEqual([]);
    expect(judges(document, subject('Pod', 'x'))).toEqual(['drain/first=warn']);
  });
});

describe('scopes', () => {
  test.each<[string, Json]>([
    ['a namespace', { namespaces: ['shop'] }],
    ['a pattern of namespaces', { namespaces: ['x', 'sh*'] }],
    ['a kind', { kinds: ['Pod', 'Service'] }],
    ['a pattern of names', { names: ['orders-*'] }],
    ['labels', { labels: { app: 'orders' } }],
    ['a pattern in a label', { labels: { app: '*' } }],
    ['labels of the namespace', { namespaceLabels: { tier: 'gold' } }],
    [
      'all together',
      {
        namespaces: ['*'],
        kinds: ['Pod'],
        names: ['*'],
        labels: { app: 'o*' },
        namespaceLabels: { tier: '*' },
      },
    ],
  ])('match by %s', (_, match) => {
    expect(judges(scoped(match), pod)).toEqual(['drain/second=enforce']);
  });

  test.each<[string, Json]>([
    ['another namespace', { namespaces: ['shops'] }],
    ['another kind', { kinds: ['Deployment'] }],
    ['another name', { names: ['orders'] }],
    ['another label', { labels: { app: 'orders', tier: '*' } }],
    ['an inherited member', { labels: { toString: '*' } }],
    ['one of two', { namespaces: ['shop'], names: ['x'] }],
    ['another label of the namespace', { namespaceLabels: { tier: 'silver' } }],
  ])('do not match by %s', (_, match) => {
    expect(judges(scoped(match), pod)).toEqual(['drain/first=enforce', 'drain/second=enforce']);
  });

  test('an unknown namespace has no labels, and a Pod that is still to be named no name', () => {
    const elsewhere = subject('Pod', '', {
      metadata: { namespace: 'unknown', generateName: 'x-' },
    });
    expect(judges(scoped({ namespaceLabels: { tier: '*' } }), elsewhere)).toHaveLength(2);
    expect(judges(scoped({ names: ['x-*'] }), elsewhere)).toHaveLength(2);
    expect(judges(scoped({ names: ['*'] }), elsewhere)).toHaveLength(1);
  });

  test('a Namespace is in itself; other cluster-scoped objects are in none', () => {
    const policies = { 'egress/only': { mode: 'audit' } };
    const namespace = subject('Namespace', 'shop', { metadata: { labels: { tier: 'own' } } });
    expect(judges(scoped({ namespaces: ['shop'] }, policies), namespace)).toEqual([
      'egress/only=audit',
    ]);
    expect(judges(scoped({ namespaceLabels: { tier: 'own' } }, policies), namespace)).toEqual([
      'egress/only=audit',
    ]);
    const judged = reportingPolicy('a/b', { subjects: ['GatewayClass'] });
    const scope = {
      name: 'x',
      match: { namespaces: ['*'] },
      policies: { 'a/b': { mode: 'off' as const } },
    };
    const made = planPolicies({
      catalogue: [judged],
      settings: { ...settings(), scopes: [scope] },
      gate: 'review',
      now: 0,
      namespaceLabels,
    });
    expect(made.policiesFor(subject('GatewayClass', 'x'))).toHaveLength(1);
  });

  test('later ones win; modes are kept for gates that they leave out, and params are merged by key', () => {
    const document = {
      policies: { 'drain/first': { mode: 'audit', params: { ratio: 3, label: 'base' } } },
      scopes: [
        {
          name: 'one',
          match: { namespaces: ['shop'] },
          policies: { 'drain/first': { mode: { drift: 'off' }, params: { label: 'one' } } },
        },
        {
          name: 'two',
          match: { labels: { app: 'orders' } },
          policies: { 'drain/first': { mode: 'enforce', params: { label: 'two' } } },
        },
      ],
    };
    const first = (of: Subject, gate: Gate) =>
      plan(document, gate)
        .policiesFor(of)
        .filter(({ policy }) => policy.id === 'drain/first')
        .map(({ mode, params }) => [mode, params['ratio'], params['label'], params['wait']]);
    expect(first(pod, 'drift')).toEqual([['enforce', 3, 'two', '5s']]);
    const plain = subject('Pod', 'x', { metadata: { namespace: 'shop' } });
    expect(first(plain, 'review')).toEqual([['audit', 3, 'one', '5s']]);
    expect(first(plain, 'drift')).toEqual([]);
    expect(first(subject('Pod', 'x'), 'review')).toEqual([['audit', 3, 'base', '5s']]);
  });

  test('the same combination is planned once, and many combinations are not kept for ever', () => {
    let parsed = 0;
    const params = z.object({ n: z.number().default(() => (parsed += 1)) });
    const scopes = Array.from({ length: 11 }, (_, bit) => ({
      name: `bit-${String(bit)}`,
      match: { labels: { [`bit-${String(bit)}`]: 'yes' } },
      policies: {},
    }));
    const made = planPolicies({
      catalogue: [reportingPolicy('a/b', { params, subjects: ['Pod'] })],
      settings: { ...settings(), scopes },
      gate: 'review',
      now: 0,
      namespaceLabels,
    });
    expect(made.policiesFor(pod)).toBe(made.policiesFor(subject('Pod', 'other')));
    for (let number = 0; number < 2 ** 11; number += 1) {
      const set = scopes.filter((_, bit) => (number >> bit) % 2 === 1);
      const labels = Object.fromEntries(set.map(({ name }) => [name, 'yes']));
      expect(made.policiesFor(subject('Pod', 'x', { metadata: { labels } }))).toHaveLength(1);
    }
    expect(parsed).toBeLessThan(2 ** 11 + 10);
  });
});
