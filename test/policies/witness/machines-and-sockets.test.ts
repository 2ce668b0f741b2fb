import { expect, test } from '@jest/globals';
import { listIn, numberIn, stringIn, valueIn, type Json } from '../../../policies/core/json.ts';
import type { Example } from '../../../policies/core/policy.ts';
import { endpointExamples } from '../../../policies/rules/socket/endpoint.examples.ts';
import { sharedVolumeExamples } from '../../../policies/rules/socket/shared-volume.examples.ts';
import { workloadEntryExamples } from '../../../policies/rules/vm/workload-entry.examples.ts';
import { workloadGroupExamples } from '../../../policies/rules/vm/workload-group.examples.ts';
import { describeWith } from '../../support/describe-with.ts';
import { runnableMesh } from '../../support/example-mesh.ts';
import { resourcesOf } from '../../support/examples.ts';
import { complaintsOf, findOracle, xdsOf, type ProxyXds } from '../../support/oracle.ts';
import { outboundChains } from '../../support/outbound-chains.ts';
import { asYaml } from '../../support/witness-mesh.ts';

const oracle = findOracle();
const program = 'program' in oracle ? oracle.program : '';
const missing = 'missing' in oracle ? oracle.missing : undefined;

const validated = 'Istio 1.31, istioctl validate: ';
const all = [
  ...workloadEntryExamples,
  ...workloadGroupExamples,
  ...endpointExamples,
  ...sharedVolumeExamples,
];
const judged = all.filter(({ observed }) => observed?.startsWith(validated));
const stock =
  '\n---\napiVersion: v1\nkind: Service\nmetadata: { name: stock, namespace: data }\nspec: { selector: { app: stock }, ports: [{ name: tcp-db, port: 5432 }] }\n';

describeWith(missing, "Istio's validation of machines and sockets", () => {
  test.each(judged.map((example) => [example.name, example] as const))('%s', async (_, example) => {
    const said = (await complaintsOf(program, istioObjects(example))).join('\n');
    const noted = example.observed?.slice(validated.length) ?? '';
    if (noted === 'accepted') {
      expect(said).toBe('');
      return;
    }
    for (const phrase of noted.split('; ')) {
      expect(said).toContain(phrase);
    }
  });

  test('accepts the good examples', async () => {
    for (const example of all.filter(({ expect: expected }) => expected.length === 0)) {
      expect(await complaintsOf(program, istioObjects(example))).toEqual([]);
    }
  });
});

describeWith(missing, 'the endpoints of machines', () => {
  const machine = '198.51.100.1:7000 weight 1';

  test.each([
    [
      'a machine with an address, a port of the service and an identity',
      ['198.51.100.1:9000 weight 1 tls istio'],
    ],
    ['a host name where nothing resolves it', []],
    ['the network as a label', [`${machine} tls istio`]],
    ['a port name that the service does not have', [`${machine} tls istio`]],
    ['a machine of the mesh without an identity', [machine]],
    ['a weight of 0 to take a machine out', [`${machine} tls istio`]],
    ['the machine in another namespace', []],
    ['two entries for one machine', [`${machine} tls istio`, `${machine} tls istio`]],
  ])('%s', async (name, endpoints) => {
    expect(endpointsOf(await seen(workloadEntryExamples, name), 'billing.example.com')).toEqual(
      endpoints,
    );
  });

  test('an identity behind an external ServiceEntry', async () => {
    const inside = await seen(
      workloadEntryExamples,
      'a machine with an address, a port of the service and an identity',
    );
    const outside = await seen(
      workloadEntryExamples,
      'an identity behind an external ServiceEntry',
    );
    expect(endpointsOf(outside, 'billing.example.com')).toEqual([`${machine} tls istio`]);
    expect(tlsModes(inside)).toEqual(['tlsMode-istio', 'tlsMode-disabled']);
    expect(tlsModes(outside)).toEqual([]);
  });

  test('two machines under DNS_ROUND_ROBIN', async () => {
    const xds = await seen(workloadEntryExamples, 'two machines under DNS_ROUND_ROBIN');
    const cluster = clusterOf(xds, 'outbound|7000||billing.example.com');
    const endpoints = listIn(valueIn(cluster, 'loadAssignment'), 'endpoints').flatMap((group) =>
      listIn(group, 'lbEndpoints'),
    );
    expect([stringIn(cluster, 'type'), endpoints.length]).toEqual(['LOGICAL_DNS', 1]);
  });

  test('a selector under resolution NONE', async () => {
    const xds = await seen(workloadEntryExamples, 'a selector under resolution NONE');
    expect(stringIn(clusterOf(xds, 'outbound|7000||billing.example.com'), 'type')).toBe(
      'ORIGINAL_DST',
    );
    expect(endpointsOf(xds, 'billing.example.com')).toEqual([]);
  });
});

describeWith(missing, 'the listeners and clusters of sockets', () => {
  test.each([
    [
      'sockets in an ingress listener, an egress listener and a ServiceEntry',
      ['unix:///run/app/db.sock_0 -> orders.data.svc.cluster.local:5432'],
    ],
    [
      'two hosts on one TCP socket',
      ['unix:///run/db.sock_0 -> orders.data.svc.cluster.local:5432'],
    ],
    [
      'a host with two ports on a TCP socket',
      ['unix:///run/db.sock_0 -> stock.data.svc.cluster.local (absent)'],
    ],
    [
      'an egress socket without a port',
      ['unix:///run/db.sock_5432 -> orders.data.svc.cluster.local'],
    ],
  ])('%s', async (name, chains) => {
    const xds = await seen(endpointExamples, name, 'shop/api-0');
    expect(outboundChains(xds).filter((line) => line.startsWith('unix'))).toEqual(chains);
  });

  test('an egress socket without a port has a path for an IP address', async () => {
    const xds = await seen(endpointExamples, 'an egress socket without a port', 'shop/api-0');
    const listener = xds.listeners.find((one) => stringIn(one, 'name')?.startsWith('unix'));
    expect(stringIn(listener, 'address', 'socketAddress', 'address')).toBe('unix:///run/db.sock');
  });

  test('a WorkloadEntry with a socket is no endpoint, an endpoint of the ServiceEntry itself is', async () => {
    const bad = await seen(endpointExamples, 'a WorkloadEntry with a socket');
    const good = await seen(
      endpointExamples,
      'sockets in an ingress listener, an egress listener and a ServiceEntry',
      'shop/api-0',
    );
    expect(endpointsOf(bad, 'db.example.com')).toEqual([]);
    expect(endpointsOf(good, 'db.example.com')).toEqual([
      '@db weight 1',
      '198.51.100.1:7000 weight 1',
    ]);
  });

  test.each([
    ['sockets in an ingress listener, an egress listener and a ServiceEntry', 8080],
    ['an ingress listener on the port of the Service instead of the Pod', 80],
  ])('%s has its inbound chain on port %d', async (name, port) => {
    const xds = await seen(endpointExamples, name, 'shop/api-0');
    expect(inboundPorts(xds)).toEqual([port]);
  });

  test.each([
    ['a volume that the proxy does not mount', '/run/app/app.sock'],
    ['two volumes at one path', '/run/app/app.sock'],
    ['an abstract socket needs no volume', '@api'],
    ['loopback beside a shared volume', '127.0.0.1:8080'],
  ])('%s leads inbound to %s', async (name, place) => {
    const xds = await seen(sharedVolumeExamples, name, 'shop/api-0');
    const cluster = clusterOf(xds, 'inbound|8080||');
    const [endpoint] = listIn(cluster, 'loadAssignment', 'endpoints').flatMap((locality) =>
      listIn(locality, 'lbEndpoints'),
    );
    expect(placeOf(endpoint)).toBe(place);
  });

  test('an egress socket that the application does not see is a pipe of the proxy', async () => {
    const example = exampleOf(
      sharedVolumeExamples,
      'an egress socket that the application does not see',
    );
    const xds = await xdsOf(program, 'shop/api-0', runnableMesh(example.yaml + stock));
    const [listener] = xds.listeners.filter((one) => stringIn(one, 'name')?.startsWith('unix'));
    expect(stringIn(listener, 'address', 'pipe', 'path')).toBe('/run/app/db.sock');
  });
});

test('every bad example of machines and sockets says what Istio does with it', () => {
  const bad = all.filter((example) => example.expect.length > 0);
  expect(bad.filter(({ observed }) => observed === undefined).map(({ name }) => name)).toEqual([]);
});

function exampleOf(examples: readonly Example[], name: string): Example {
  const example = examples.find((candidate) => candidate.name === name);
  if (example === undefined) {
    throw new Error(`no example "${name}"`);
  }
  return example;
}

function seen(examples: readonly Example[], name: string, proxy = 'app/client'): Promise<ProxyXds> {
  return xdsOf(program, proxy, runnableMesh(exampleOf(examples, name).yaml));
}

function istioObjects({ yaml }: Example): string {
  return asYaml(
    resourcesOf(yaml)
      .filter(({ apiVersion }) => apiVersion.includes('istio.io'))
      .map(({ object }) => object),
  );
}

function clusterOf(xds: ProxyXds, name: string): Json | undefined {
  return xds.clusters.find((cluster) => stringIn(cluster, 'name') === name);
}

function tlsModes(xds: ProxyXds): readonly unknown[] {
  return listIn(clusterOf(xds, 'outbound|7000||billing.example.com'), 'transportSocketMatches').map(
    (match) => stringIn(match, 'name'),
  );
}

function endpointsOf(xds: ProxyXds, host: string): readonly string[] {
  const found = xds.endpoints.find(
    (entry) => stringIn(entry, 'clusterName') === `outbound|7000||${host}`,
  );
  return listIn(found, 'endpoints')
    .flatMap((locality) => listIn(locality, 'lbEndpoints'))
    .map((entry) => {
      const mode = stringIn(
        entry,
        'metadata',
        'filterMetadata',
        'envoy.transport_socket_match',
        'tlsMode',
      );
      const weight = `weight ${String(numberIn(entry, 'loadBalancingWeight'))}`;
      return `${placeOf(entry)} ${weight}${mode === undefined ? '' : ` tls ${mode}`}`;
    });
}

function placeOf(entry: Json | undefined): string {
  const address = valueIn(entry, 'endpoint', 'address');
  const pipe = stringIn(address, 'pipe', 'path');
  const host = stringIn(address, 'socketAddress', 'address') ?? '';
  return pipe ?? `${host}:${String(numberIn(address, 'socketAddress', 'portValue'))}`;
}

/** The ports of inbound chains that are for one port. */
function inboundPorts(xds: ProxyXds): readonly unknown[] {
  const inbound = xds.listeners.find((listener) => stringIn(listener, 'name') === 'virtualInbound');
  const ports = listIn(inbound, 'filterChains')
    .filter((chain) => JSON.stringify(chain).includes('inbound|'))
    .flatMap((chain) => valueIn(chain, 'filterChainMatch', 'destinationPort') ?? []);
  return [...new Set(ports)].filter((port) => port !== 15006);
}
