import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../../policies/core/json.ts';
import { describeReference } from '../../../policies/core/resource.ts';
import { subjectsTouchedBy } from '../../../policies/mesh/blast-radius.ts';
import { readMesh } from '../../support/examples.ts';
import { asYaml, istioObject } from '../../support/witness-mesh.ts';

/** As many as a review judges. */
const most = 40;

function workload(name: string, namespace = 'shop'): JsonObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'app', image: 'app' }] },
      },
    },
  };
}

function service(name: string): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop' },
    spec: { selector: { app: name }, ports: [{ name: 'tcp-db', port: 5432 }] },
  };
}

function entry(name: string, port: number): JsonObject {
  return istioObject('ServiceEntry', 'mail', name, {
    hosts: [`${name}.example.com`],
    ports: [{ number: port, name: 'tcp', protocol: 'TCP' }],
  });
}

const objects = [
  workload('ledger'),
  workload('archive'),
  workload('mailer', 'mail'),
  service('ledger'),
  service('archive'),
  entry('a', 5432),
  entry('b', 5432),
  entry('c', 80),
  istioObject('DestinationRule', 'shop', 'ledger', { host: 'ledger.shop.svc.cluster.local' }),
  istioObject('Sidecar', 'shop', 'ledger', { workloadSelector: { labels: { app: 'ledger' } } }),
  istioObject('VirtualService', 'shop', 'routes', { hosts: ['a.example.com'] }),
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'mail' } },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'istio', namespace: 'istio-system' } },
];

describe('a change touches', () => {
  const { mesh, find } = readMesh(asYaml(objects));

  test.each([
    ['DestinationRule shop/ledger', ['Deployment shop/ledger', 'Service shop/ledger']],
    ['Sidecar shop/ledger', ['Deployment shop/ledger', 'Service shop/ledger']],
    [
      'Service shop/ledger',
      [
        'Deployment shop/ledger',
        'DestinationRule shop/ledger',
        'ServiceEntry mail/a',
        'ServiceEntry mail/b',
      ],
    ],
    ['ServiceEntry mail/a', ['ServiceEntry mail/b', 'VirtualService shop/routes']],
    ['ServiceEntry mail/c', []],
    ['VirtualService shop/routes', ['ServiceEntry mail/a']],
    ['Namespace mail', ['Deployment mail/mailer']],
    ['ConfigMap istio-system/istio', []],
  ])('%s: %j', (changed, touched) => {
    expect(subjectsTouchedBy(find(changed), mesh).map(describeReference).toSorted()).toEqual(
      touched,
    );
  });
});

test('a change to more than are worth judging touches no more than that', () => {
  const many = Array.from({ length: most * 2 }, (_, index) => entry(`e${index}`, 5432));
  const { mesh, find } = readMesh(asYaml(many));
  expect(subjectsTouchedBy(find('ServiceEntry mail/e0'), mesh)).toHaveLength(most);
});
