import { expect, test } from '@jest/globals';
import { envoyFilterBound } from '../../../policies/mesh/envoy-filters.ts';
import { workloadOf } from '../../../policies/mesh/workload.ts';
import { readMesh } from '../../support/examples.ts';

const port = {
  host: 'ledger.shop.svc.cluster.local',
  port: 7000,
  podPort: 7070,
  protocol: 'tcp',
} as const;

function filter(name: string, ...patches: readonly string[]): string {
  return filterIn('shop', name, '', ...patches);
}

function filterIn(
  namespace: string,
  name: string,
  more: string,
  ...patches: readonly string[]
): string {
  return `---
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: ${name}, namespace: ${namespace} }
spec: { ${more} configPatches: [${patches.join(', ')}] }
`;
}

function patch(ttl: string, match: string, operation = 'MERGE'): string {
  return `{ applyTo: NETWORK_FILTER, match: { ${match} }, patch: { operation: ${operation}, value: { typed_config: { max_downstream_connection_duration: ${ttl} } } } }`;
}

function boundBy(filters: string): number | undefined {
  const { mesh, find } = readMesh(`apiVersion: v1
kind: Pod
metadata: { name: ledger, namespace: shop, labels: { app: ledger } }
spec: { containers: [] }
${filters}`);
  const workload = workloadOf(find('Pod shop/ledger'));
  return workload && envoyFilterBound(workload, port, mesh)?.ttl;
}

const inbound = 'context: SIDECAR_INBOUND';
const outbound = 'context: SIDECAR_OUTBOUND';

test.each([
  ['any listener', inbound, 60_000],
  ['the port of the Pod', `${inbound}, listener: { portNumber: 7070 }`, 60_000],
  ['the port of the Service', `${inbound}, listener: { portNumber: 7000 }`, undefined],
  [
    'its destination port',
    `${inbound}, listener: { filterChain: { destinationPort: 7070 } }`,
    60_000,
  ],
  [
    'another destination port',
    `${inbound}, listener: { filterChain: { destinationPort: 9 } }`,
    undefined,
  ],
  ['the inbound listener by name', `${inbound}, listener: { name: virtualInbound }`, 60_000],
  ['a listener that sidecars have not', `${inbound}, listener: { name: 0.0.0.0_7070 }`, undefined],
  [
    'its filter',
    `${inbound}, listener: { filterChain: { filter: { name: envoy.filters.network.tcp_proxy } } }`,
    60_000,
  ],
  [
    'the filter of HTTP',
    `${inbound}, listener: { filterChain: { filter: { name: envoy.filters.network.http_connection_manager } } }`,
    undefined,
  ],
  ['gateways', 'context: GATEWAY', undefined],
  ['clients of its namespace alone', outbound, undefined],
])('an EnvoyFilter of the namespace for %s', (_, match, ttl) => {
  expect(boundBy(filter('a', patch('60s', match)))).toBe(ttl);
});

test.each([
  ['every port', outbound, 60_000],
  ['the port of the Service', `${outbound}, listener: { portNumber: 7000 }`, 60_000],
  ['another port', `${outbound}, listener: { portNumber: 5432 }`, undefined],
  ['its listener', `${outbound}, listener: { name: 10.96.0.7_7000 }`, 60_000],
  ['what no listener is for', `${outbound}, listener: { name: virtualOutbound }`, undefined],
  ['its cluster', `${outbound}, cluster: { service: ${port.host}, portNumber: 7000 }`, 60_000],
  ['another cluster', `${outbound}, cluster: { service: till.shop.svc.cluster.local }`, undefined],
])('one of the root namespace for clients of %s', (_, match, ttl) => {
  expect(boundBy(filterIn('istio-system', 'a', '', patch('60s', match)))).toBe(ttl);
});

test('what removes the filter, or sets no time, bounds nothing', () => {
  expect(boundBy(filter('a', patch('60s', inbound, 'REMOVE')))).toBeUndefined();
  expect(boundBy(filter('a', patch('0s', inbound)))).toBeUndefined();
});

test('of several on one side the last counts: root namespace, priority, age, place', () => {
  const elsewhere = patch('20s', `${inbound}, listener: { portNumber: 9 }`);
  expect(boundBy(filter('a', patch('60s', inbound), patch('90s', inbound), elsewhere))).toBe(
    90_000,
  );
  const root = filterIn('istio-system', 'z', '', patch('90s', inbound));
  expect(boundBy(filter('a', patch('60s', inbound)) + root)).toBe(60_000);
  const first = filterIn('shop', 'b', 'priority: -5,', patch('90s', inbound));
  expect(boundBy(filter('a', patch('60s', inbound)) + first)).toBe(60_000);
});

test('of both sides the shorter counts', () => {
  const clients = filterIn('istio-system', 'z', '', patch('30s', outbound));
  expect(boundBy(filter('a', patch('60s', inbound)) + clients)).toBe(30_000);
});
