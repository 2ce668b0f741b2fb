import { expect, test } from '@jest/globals';
import type { KindName } from '../../../policies/core/kinds.ts';
import { readResource, type Resource } from '../../../policies/core/resource.ts';
import { createMesh } from '../../../policies/mesh/index-objects.ts';
import { hostKey } from '../../../policies/mesh/keys.ts';
import type { Mesh } from '../../../policies/mesh/mesh.ts';
import { overlayMesh } from '../../../policies/mesh/overlay.ts';
import { seededRandom } from '../../support/random.ts';

const kind: KindName = 'DestinationRule';
const names = ['a', 'b', 'c'] as const;
const namespaces = ['shop', 'bank'] as const;
const hosts = ['x', 'y', '*.example.com'] as const;

function rule(namespace: string, name: string, host: string): Resource {
  const resource = readResource({
    apiVersion: 'networking.istio.io/v1',
    kind,
    metadata: { namespace, name },
    spec: { host },
  });
  if (resource === undefined) {
    throw new Error('not a resource');
  }
  return resource;
}

function shown(mesh: Mesh): unknown {
  const keys = ['', ...namespaces].flatMap((namespace) =>
    [...hosts, 'x.shop.svc.cluster.local', 'x.bank.svc.cluster.local'].map((host) =>
      hostKey(namespace, host),
    ),
  );
  const told = (found: Iterable<Resource>): string[] =>
    [...found].map(({ object }) => JSON.stringify(object)).toSorted();
  return {
    count: mesh.count(kind),
    namespaces: [...mesh.namespacesWith(kind)].toSorted(),
    within: namespaces.map((namespace) => told(mesh.inNamespace(kind, namespace))),
    keyed: keys.map((key) => told(mesh.byKey(kind, key))),
    single: namespaces.map((namespace) =>
      names.map((name) => mesh.get(kind, namespace, name)?.object),
    ),
  };
}

test('shows what the mesh would show with the object put, and leaves the mesh as it is', () => {
  const random = seededRandom(3);
  for (let round = 0; round < 200; round += 1) {
    const mesh = createMesh({});
    const other = createMesh({});
    for (let count = random.next(6); count > 0; count -= 1) {
      const stored = rule(random.pick(namespaces), random.pick(names), random.pick(hosts));
      mesh.put(stored);
      other.put(stored);
    }
    const before = shown(mesh);
    const incoming = rule(random.pick(namespaces), random.pick(names), random.pick(hosts));
    other.put(incoming);
    expect(shown(overlayMesh(mesh, incoming))).toEqual(shown(other));
    expect(shown(mesh)).toEqual(before);
  }
});
