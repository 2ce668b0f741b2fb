import { describe, expect, test } from '@jest/globals';
import { workloadKinds, type KindName } from '../../../policies/core/kinds.ts';
import { describeReference, type Resource } from '../../../policies/core/resource.ts';
import { createMesh } from '../../../policies/mesh/index-objects.ts';
import { keysOf } from '../../../policies/mesh/keys.ts';
import type { Mesh } from '../../../policies/mesh/mesh.ts';
import { resourcesOf } from '../../support/examples.ts';
import { seededRandom, type Random } from '../../support/random.ts';

const kinds: readonly KindName[] = [
  ...workloadKinds,
  'Service',
  'DestinationRule',
  'VirtualService',
];

function randomObject(random: Random): Resource {
  const name = random.pick(['a', 'b', 'c']);
  const namespace = random.pick(['shop', 'mail']);
  const metadata = `metadata: { name: ${name}, namespace: ${namespace} }`;
  const label = random.pick(['x', 'y', 'z']);
  const host = random.pick(['a.shop.svc.cluster.local', '*.local', 'b', '*-db.example.com']);
  const [resource] = resourcesOf(
    random.pick([
      `{ apiVersion: v1, kind: Service, ${metadata}, spec: { selector: { app: ${label} } } }`,
      `{ apiVersion: v1, kind: Pod, metadata: { name: ${name}, namespace: ${namespace}, labels: { app: ${label}, tier: ${label} } } }`,
      `{ apiVersion: apps/v1, kind: Deployment, ${metadata}, spec: { template: { metadata: { labels: { app: ${label} } } } } }`,
      `{ apiVersion: networking.istio.io/v1beta1, kind: DestinationRule, ${metadata}, spec: { host: '${host}' } }`,
      `{ apiVersion: networking.istio.io/v1, kind: DestinationRule, ${metadata}, spec: { host: '${host}' } }`,
      `{ apiVersion: networking.istio.io/v1, kind: VirtualService, ${metadata}, spec: { hosts: ['${host}'], tcp: [{ route: [{ destination: { host: b } }] }] } }`,
    ]),
  );
  if (resource === undefined) {
    throw new Error('a known kind');
  }
  return resource;
}

/** Everything that can be asked of a mesh about some objects. */
function answers(mesh: Mesh, asked: readonly Resource[]): unknown {
  const names = (found: Iterable<Resource>): string[] => [...found].map(describeReference).sort();
  return {
    counts: kinds.map((kind) => mesh.count(kind)),
    namespaces: kinds.map((kind) => [...mesh.namespacesWith(kind)].sort()),
    members: kinds.map((kind) =>
      ['shop', 'mail'].map((place) => names(mesh.inNamespace(kind, place))),
    ),
    keys: asked.map(({ type, object, ...resource }) =>
      keysOf({ type, object, ...resource }, 'cluster.local').map((key) => [
        key,
        names(mesh.byKey(type, key)),
      ]),
    ),
    objects: asked.map(({ type, namespace, name }) => mesh.get(type, namespace, name)?.object),
  };
}

describe('createMesh', () => {
  test.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'after adding, replacing and removing it equals one made anew (seed %i)',
    (seed) => {
      const random = seededRandom(seed);
      const mesh = createMesh({});
      const held = new Map<string, Resource>();
      const seen: Resource[] = [];
      for (let step = 0; step < 120; step += 1) {
        const resource = randomObject(random);
        const key = describeReference(resource);
        seen.push(resource);
        if (random.chance(0.35)) {
          mesh.remove(resource);
          held.delete(key);
        } else {
          mesh.put(resource);
          held.set(key, resource);
        }
      }
      const anew = createMesh({});
      for (const resource of held.values()) {
        anew.put(resource);
      }
      expect(answers(mesh, seen)).toEqual(answers(anew, seen));
    },
  );

  test('takes every served version as one kind', () => {
    const mesh = createMesh({});
    for (const version of ['v1', 'v1beta1', 'v1alpha3']) {
      const [rule] = resourcesOf(
        `{ apiVersion: networking.istio.io/${version}, kind: DestinationRule, metadata: { name: a, namespace: b }, spec: { host: x } }`,
      );
      mesh.put(rule as Resource);
    }
    expect(mesh.count('DestinationRule')).toBe(1);
    mesh.remove({
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      namespace: 'b',
      name: 'a',
    });
    expect(mesh.count('DestinationRule')).toBe(0);
    expect([...mesh.namespacesWith('DestinationRule')]).toEqual([]);
  });
});
