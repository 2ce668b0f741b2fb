import { describe, expect, test } from '@jest/globals';
import { kindNameOf, kinds } from '../../../policies/core/kinds.ts';
import {
  compareAge,
  compareText,
  describeReference,
  readResource,
  referenceTo,
  type Resource,
} from '../../../policies/core/resource.ts';

function pod(name: string, metadata: Record<string, unknown> = {}): Resource {
  const resource = readResource({ apiVersion: 'v1', kind: 'Pod', metadata: { name, ...metadata } });
  if (resource === undefined) throw new Error('unread');
  return resource;
}

describe('readResource', () => {
  test.each([
    undefined,
    null,
    1,
    'Pod',
    [],
    {},
    { kind: 'Pod' },
    { apiVersion: 'v1' },
    { apiVersion: 1, kind: 'Pod' },
    { apiVersion: 'v1', kind: ['Pod'] },
    { apiVersion: 'v1', kind: 'Secret' },
    { apiVersion: 'other.io/v1', kind: 'Pod' },
    { apiVersion: 'v1', kind: 'constructor' },
    { apiVersion: '__proto__', kind: '__proto__' },
  ])('%j is no object of a known kind', (value) => {
    expect(readResource(value)).toBeUndefined();
  });

  test('garbage in the metadata of a known kind is read as absent', () => {
    for (const metadata of [
      undefined,
      null,
      1,
      'x',
      [],
      { name: 1, namespace: {}, labels: 3, annotations: [] },
    ]) {
      const resource = readResource({ apiVersion: 'v1', kind: 'Pod', metadata });
      expect(resource).toMatchObject({
        namespace: 'default',
        name: '',
        labels: {},
        annotations: {},
      });
    }
  });

  test('the namespace is the request’s, else the object’s, else default; cluster-scoped objects have none', () => {
    expect(pod('a').namespace).toBe('default');
    expect(pod('a', { namespace: 'shop' }).namespace).toBe('shop');
    const written = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'shop' } };
    expect(readResource(written, 'real')?.namespace).toBe('real');
    const namespace = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'a', namespace: 'x' },
    };
    expect(readResource(namespace, 'real')?.namespace).toBe('');
  });

  test('all versions of a kind are one; kinds of one name in two groups are two', () => {
    for (const version of ['v1', 'v1beta1', 'v1alpha3']) {
      expect(kindNameOf(`networking.istio.io/${version}`, 'Gateway')).toBe('Gateway');
    }
    expect(kindNameOf('gateway.networking.k8s.io/v1', 'Gateway')).toBe('KubernetesGateway');
    expect(kindNameOf('apps/v1', 'Pod')).toBeUndefined();
  });

  test('every kind is found by its group and each of its versions', () => {
    for (const [name, { group, kind, versions }] of Object.entries(kinds)) {
      for (const version of versions) {
        expect(kindNameOf(group === '' ? version : `${group}/${version}`, kind)).toBe(name);
      }
    }
  });
});

test('objects compete by age, then name, then namespace; what has no time is newest', () => {
  const old = pod('z', { creationTimestamp: '2026-01-01T00:00:00Z' });
  const young = pod('a', { creationTimestamp: '2026-02-01T00:00:00Z' });
  const [first, second, third] = [pod('a'), pod('b'), pod('b', { namespace: 'other' })];
  const sorted = [third, second, young, first, old].toSorted(compareAge);
  expect(sorted).toEqual([old, young, first, second, third]);
  expect(compareAge(first, first)).toBe(0);
});

test('texts are ordered bytewise', () => {
  expect(['b', 'B', 'a-b', 'a', '_'].toSorted(compareText)).toEqual(['B', '_', 'a', 'a-b', 'b']);
});

test('references name the object and nothing else', () => {
  expect(describeReference(pod('a', { namespace: 'shop' }))).toBe('Pod shop/a');
  expect(describeReference({ kind: 'Namespace', namespace: '', name: 'shop' })).toBe(
    'Namespace shop',
  );
  expect(referenceTo(pod('a'))).toEqual({
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: 'default',
    name: 'a',
  });
});
