import { describe, expect, test } from '@jest/globals';
import { compareRules } from '../../../pipelines/compare/meaning-rule-sets.ts';
import { istioObject, said } from './mesh-change.ts';

const policy = (spec: string, name = 'shop/ledger'): string =>
  istioObject('AuthorizationPolicy', name, spec);
const fromNamespace = (...names: readonly string[]): string =>
  `rules: [{from: [{source: {namespaces: [${names.join(', ')}]}}]}]`;
const name = 'AuthorizationPolicy shop/ledger';

describe('an AuthorizationPolicy that comes or goes', () => {
  test('denies, or no longer does', () => {
    const deny = policy(`{action: DENY, ${fromNamespace('bank')}}`);
    expect(said('authorization', '', deny)).toEqual([
      `${name} (DENY) is added: what it names is denied.`,
    ]);
    expect(said('authorization', deny, '')).toEqual([
      `${name} (DENY) is removed: what it named is no longer denied.`,
    ]);
  });

  test('allows only what it names where it is alone, and more beside others', () => {
    const allow = policy(`{${fromNamespace('bank')}}`);
    const other = policy(`{${fromNamespace('web')}}`, 'shop/web');
    const some = policy(`{selector: {matchLabels: {app: a}}, ${fromNamespace('web')}}`, 'shop/web');
    expect(said('authorization', '', allow)[0]).toContain('all that it does not name is denied');
    expect(said('authorization', allow, '')[0]).toContain('everything is allowed');
    expect(said('authorization', other, other + allow)[0]).toContain('is allowed too');
    expect(said('authorization', other + allow, other)[0]).toContain('only the other policies');
    expect(said('authorization', some, some + allow)[0]).toContain('depends on the other policies');
  });
});

describe('an AuthorizationPolicy that changes', () => {
  test.each([
    ['ALLOW', ['bank'], ['bank', 'web'], 'widened: it allows more than before'],
    ['ALLOW', ['bank', 'web'], ['bank'], 'narrowed: it allows less than before'],
    ['DENY', ['bank'], ['bank', 'web'], 'widened: it denies more than before'],
    ['DENY', ['bank', 'web'], ['bank'], 'narrowed: it denies less than before'],
    ['ALLOW', ['bank'], ['web'], 'changed'],
    ['CUSTOM', ['bank'], ['bank', 'web'], 'changed'],
  ])('%s from %j to %j is %s', (action, before, after, word) => {
    const [old, now] = [before, after].map((names) =>
      policy(`{action: ${action}, ${fromNamespace(...names)}}`),
    );
    expect(said('authorization', old ?? '', now ?? '')).toEqual([
      `${name} (${action}) is ${word}.`,
    ]);
  });

  test('its action, its workloads or whether it is only tried out', () => {
    const deny = policy(`{action: DENY, ${fromNamespace('bank')}}`);
    const dry = deny.replace(
      'namespace: shop}',
      "namespace: shop, annotations: {istio.io/dry-run: 'true'}}",
    );
    expect(said('authorization', deny, deny.replace('DENY', 'ALLOW'))).toEqual([
      `${name} goes from DENY to ALLOW.`,
    ]);
    expect(said('authorization', deny, dry)).toEqual([`${name} goes from DENY to AUDIT.`]);
    const selected = deny.replace('{action', '{selector: {matchLabels: {app: a}}, action');
    expect(said('authorization', deny, selected)[0]).toContain('for other workloads than before');
  });
});

describe('sets of rules', () => {
  const from = (source: object): object => ({ from: [{ source }] });
  const to = (operation: object): object => ({ to: [{ operation }] });

  test.each([
    [[], [{}], 'wider'],
    [[{}], [{}], 'same'],
    [[{}], [from({ namespaces: ['a'] })], 'narrower'],
    [[to({ paths: ['/a/b'] })], [to({ paths: ['/a/*'] })], 'wider'],
    [[to({ paths: ['*'] })], [to({ paths: ['/a*'] })], 'narrower'],
    [[to({ hosts: ['a.b.example'] })], [to({ hosts: ['*.example'] })], 'wider'],
    [[to({ methods: ['GET'] })], [to({ paths: ['/a'] })], 'unknown'],
    [[from({ notNamespaces: ['a', 'b'] })], [from({ notNamespaces: ['a'] })], 'wider'],
    [[from({ notNamespaces: ['a'] })], [from({ notNamespaces: ['a*'] })], 'narrower'],
    [
      [{ ...from({ namespaces: ['a'] }), ...to({ ports: ['80'] }) }],
      [to({ ports: ['80'] })],
      'wider',
    ],
    [
      [{ when: [{ key: 'k', values: ['a'] }] }],
      [{ when: [{ key: 'k', values: ['a', 'b'] }] }],
      'wider',
    ],
    [
      [{ when: [{ key: 'k', values: ['a'] }] }],
      [{ when: [{ key: 'l', values: ['a'] }] }],
      'unknown',
    ],
    [[from({ namespaces: ['a'] })], [from({ namespaces: ['a'], novel: ['b'] })], 'unknown'],
  ] as const)('%j to %j is %s', (before, after, expected) => {
    expect(compareRules(before as never, after as never)).toBe(expected);
  });
});
