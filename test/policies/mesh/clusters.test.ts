import { describe, expect, test } from '@jest/globals';
import { readResource, type Resource } from '../../../policies/core/resource.ts';
import { clusterOf, copiesOf, inClusterOf } from '../../../policies/mesh/clusters.ts';
import { meshOf } from '../../support/examples.ts';

function service(cluster: string, more: Readonly<Record<string, string>> = {}): Resource {
  const labels = cluster === '' ? more : { 'topology.istio.io/cluster': cluster, ...more };
  const read = readResource({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'ledger', namespace: 'shop', labels },
    spec: {},
  });
  if (read === undefined) {
    throw new Error('the Service cannot be read');
  }
  return read;
}

const east = service('east');
const west = service('west');

describe('objects of several clusters', () => {
  test.each([[[east, west]], [[west, east]]])(
    'stand beside each other, in any order',
    (objects) => {
      const mesh = meshOf(objects);
      expect(mesh.count('Service')).toBe(2);
      expect(mesh.get('Service', 'shop', 'ledger')).toBe(east);
      expect(copiesOf('Service', 'shop', 'ledger', mesh)).toEqual([east, west]);
      expect(inClusterOf(west, 'Service', 'shop', 'ledger', mesh)).toBe(west);
      expect(inClusterOf(service('north'), 'Service', 'shop', 'ledger', mesh)).toBeUndefined();
    },
  );

  test('are replaced each by its own', () => {
    const mesh = meshOf([east, west]);
    const newer = service('west', { version: 'v2' });
    expect(mesh.holds(newer)).toBe(true);
    expect(mesh.holds(service('north'))).toBe(false);
    mesh.put(newer);
    expect(copiesOf('Service', 'shop', 'ledger', mesh)).toEqual([east, newer]);
  });

  test('one that names no cluster stands for all', () => {
    const common = service('');
    const mesh = meshOf([common, west]);
    expect(mesh.get('Service', 'shop', 'ledger')).toBe(common);
    expect(inClusterOf(east, 'Service', 'shop', 'ledger', mesh)).toBe(common);
    expect(inClusterOf(west, 'Service', 'shop', 'ledger', mesh)).toBe(west);
  });

  test('are removed together', () => {
    const mesh = meshOf([east, west, service('')]);
    mesh.remove(east);
    expect(mesh.count('Service')).toBe(0);
    expect(copiesOf('Service', 'shop', 'ledger', mesh)).toEqual([]);
  });

  test('are told by a label before an annotation', () => {
    const both = { labels: east.labels, annotations: { 'topology.istio.io/cluster': 'west' } };
    expect(clusterOf(both)).toBe('east');
    expect(clusterOf({ ...both, labels: {} })).toBe('west');
  });
});
