import { expect, test } from '@jest/globals';
import type { JsonObject } from '../../../policies/core/json.ts';
import type { Resource } from '../../../policies/core/resource.ts';
import {
  entrySelector,
  portNames,
  selectedBy,
  serviceEntriesOver,
  servicesOver,
} from '../../../policies/mesh/workload-entries.ts';
import { readMesh } from '../../support/examples.ts';
import { asYaml, istioObject } from '../../support/witness-mesh.ts';

function selecting(namespace: string, name: string, labels: JsonObject): JsonObject {
  return istioObject('ServiceEntry', namespace, name, {
    hosts: [`${name}.example.com`],
    ports: [{ number: 80, name: `http-${name}` }],
    workloadSelector: { labels },
  });
}

function machine(namespace: string, name: string, labels: JsonObject): JsonObject {
  return istioObject('WorkloadEntry', namespace, name, { address: '192.0.2.1', labels });
}

const { mesh, find } = readMesh(
  asYaml([
    selecting('vms', 'billing', { app: 'billing' }),
    selecting('vms', 'canary', { app: 'billing', track: 'canary' }),
    selecting('vms', 'nothing', {}),
    selecting('shop', 'abroad', { app: 'billing' }),
    machine('vms', 'one', { app: 'billing' }),
    machine('vms', 'two', { app: 'billing', track: 'canary' }),
    machine('shop', 'three', { app: 'billing' }),
    machine('vms', 'bare', {}),
    istioObject('WorkloadGroup', 'vms', 'group', { metadata: { labels: { app: 'billing' } } }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'legacy', namespace: 'vms' },
      spec: { selector: { app: 'billing' }, ports: [{ name: 'http', port: 80 }] },
    },
  ]),
);

function names(resources: readonly Resource[]): readonly string[] {
  return resources.map(({ namespace, name }) => `${namespace}/${name}`);
}

test('entries are selected by all labels, in their own namespace', () => {
  expect(names(serviceEntriesOver(find('WorkloadEntry vms/one'), mesh))).toEqual(['vms/billing']);
  expect(names(serviceEntriesOver(find('WorkloadEntry vms/two'), mesh))).toEqual([
    'vms/billing',
    'vms/canary',
  ]);
  expect(names(serviceEntriesOver(find('WorkloadEntry vms/bare'), mesh))).toEqual([]);
  expect(names(serviceEntriesOver(find('WorkloadEntry vms/one'), mesh, true))).toEqual([
    'shop/abroad',
    'vms/billing',
  ]);
  expect(names(servicesOver(find('WorkloadEntry vms/one'), mesh))).toEqual(['vms/legacy']);
  expect(names(servicesOver(find('WorkloadEntry shop/three'), mesh))).toEqual([]);
});

test('a selector finds entries and groups, an empty one nothing', () => {
  const billing = find('ServiceEntry vms/billing');
  expect(names(selectedBy(billing, 'WorkloadEntry', 'vms', mesh))).toEqual(['vms/one', 'vms/two']);
  expect(names(selectedBy(billing, 'WorkloadEntry', '', mesh))).toEqual([
    'vms/one',
    'shop/three',
    'vms/two',
  ]);
  expect(names(selectedBy(billing, 'WorkloadGroup', 'vms', mesh))).toEqual(['vms/group']);
  const nothing = find('ServiceEntry vms/nothing');
  expect(entrySelector(nothing)).toBeUndefined();
  expect(selectedBy(nothing, 'WorkloadEntry', 'vms', mesh)).toEqual([]);
});

test('the names of ports are those of all that select', () => {
  const ports = portNames([find('ServiceEntry vms/billing'), find('Service vms/legacy')]);
  expect([...ports]).toEqual(['http-billing', 'http']);
});
