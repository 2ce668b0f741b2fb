import { describe, expect, test } from '@jest/globals';
import { evaluate } from '../../../policies/core/evaluate.ts';
import { planPolicies } from '../../../policies/core/plan.ts';
import { defaultSettings } from '../../../policies/core/read-settings.ts';
import { referenceTo, type Resource } from '../../../policies/core/resource.ts';
import { catalogue } from '../../../policies/index.ts';
import { clusterOf } from '../../../policies/mesh/clusters.ts';
import { createMesh } from '../../../policies/mesh/index-objects.ts';
import type { Mesh } from '../../../policies/mesh/mesh.ts';
import {
  areUnchanged,
  createReadLog,
  noteChange,
  noteRead,
} from '../../../policies/mesh/read-log.ts';
import { meshOf, resourcesOf } from '../../support/examples.ts';
import { seededRandom } from '../../support/random.ts';

function only(yaml: string): Resource {
  const [resource] = resourcesOf(yaml);
  if (resource === undefined) {
    throw new Error('no object in the manifests');
  }
  return resource;
}
const service = only('{apiVersion: v1, kind: Service, metadata: {name: a, namespace: x}}');
const pod = only('{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: x}}');
const rule = only(
  '{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: a, namespace: x}}',
);

describe('what was computed', () => {
  test('stays while what it read does, and goes with a kind that it read, there or not', () => {
    const mesh = createMesh({});
    let computed = 0;
    const ask = (): number =>
      mesh.memo('x', 'pods', () => {
        computed += 1;
        return mesh.count('Pod') + mesh.inNamespace('DestinationRule', 'x').size;
      });
    expect([ask(), ask(), computed]).toEqual([0, 0, 1]);
    mesh.put(service);
    expect([ask(), computed]).toEqual([0, 1]);
    mesh.put(pod);
    expect([ask(), computed]).toEqual([1, 2]);
    mesh.put(rule);
    expect([ask(), computed]).toEqual([2, 3]);
    mesh.remove(referenceTo(service));
    expect([ask(), computed]).toEqual([2, 3]);
    mesh.remove(referenceTo(pod));
    expect([ask(), computed]).toEqual([1, 4]);
  });

  test('goes with what it was computed from, however that was remembered', () => {
    const mesh = createMesh({});
    const inner = (): number => mesh.memo(service, 'inner', () => mesh.count('Pod'));
    const outer = (): number => mesh.memo('x', 'outer', () => inner() + 10);
    expect(inner()).toBe(0);
    expect(outer()).toBe(10);
    mesh.put(pod);
    expect(outer()).toBe(11);
    expect(inner()).toBe(1);
  });

  test('is asked for again where computing it failed', () => {
    const mesh = createMesh({});
    const fail = (): number =>
      mesh.memo('x', 'topic', () => {
        throw new Error('defect');
      });
    expect(fail).toThrow('defect');
    expect(mesh.memo('x', 'topic', () => 5)).toBe(5);
  });
});

test('more kinds than there are bits are told apart as far as they need be', () => {
  const log = createReadLog();
  for (let kind = 0; kind < 70; kind += 1) {
    log.low = 0;
    log.high = 0;
    noteRead(log, kind);
    const reads = { low: log.low, high: log.high };
    const before = log.now;
    noteChange(log, (kind + 1) % 59);
    expect(areUnchanged(log, reads, before)).toBe(true);
    noteChange(log, kind);
    expect(areUnchanged(log, reads, before)).toBe(false);
    expect(areUnchanged(log, reads, log.now)).toBe(true);
  }
});

test('a mesh that changes gives the verdicts of one made anew', () => {
  const random = seededRandom(3);
  for (const policy of catalogue) {
    // Without those that name their cluster, of which several of one name are in the mesh at once.
    const resources = policy.examples
      .flatMap(({ yaml }) => resourcesOf(yaml))
      .filter((resource) => clusterOf(resource) === '');
    const mesh = createMesh({});
    const present = new Map<string, Resource>();
    for (let step = 0; step < 25; step += 1) {
      const changed = random.pick(resources as [Resource, ...Resource[]]);
      const key = `${changed.type} ${changed.namespace}/${changed.name}`;
      if (present.has(key) && random.chance(0.4)) {
        mesh.remove(referenceTo(changed));
        present.delete(key);
      } else {
        mesh.put(changed);
        // In the order in which the mesh has them, since some verdicts name the first of several.
        present.delete(key);
        present.set(key, changed);
      }
      // Copies, so that the other mesh's memo does not take what is attached to the objects.
      const copies = [...present.values()].map((resource) => ({ resource, copy: { ...resource } }));
      const anew = meshOf(copies.map(({ copy }) => copy));
      for (const { resource, copy } of copies) {
        expect(verdict(resource, mesh)).toEqual(verdict(copy, anew));
      }
    }
  }
}, 300_000);

const plan = planPolicies({
  catalogue,
  settings: defaultSettings,
  gate: 'admission',
  now: 0,
  namespaceLabels: () => undefined,
});

function verdict(resource: Resource, mesh: Mesh): readonly string[] {
  return evaluate({ resource, defaulted: true }, mesh, plan).findings.map(
    ({ policy, message, at, text }) => `${policy}/${message} ${at} ${text}`,
  );
}
