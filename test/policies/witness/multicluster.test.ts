import { expect, test } from '@jest/globals';
import { stringIn, valueIn } from '../../../policies/core/json.ts';
import type { Example } from '../../../policies/core/policy.ts';
import { gatewayMtlsOnlyExamples } from '../../../policies/rules/multicluster/gateway-mtls-only.examples.ts';
import { gatewayPublishedExamples } from '../../../policies/rules/multicluster/gateway-mtls-only.published.examples.ts';
import { networkGatewayExamples } from '../../../policies/rules/multicluster/network-gateway.examples.ts';
import { describeWith } from '../../support/describe-with.ts';
import { balancerAddress, running, socketsOf } from '../../support/network-mesh.ts';
import { chainsOf, findOracle, xdsOf, type ProxyXds } from '../../support/oracle.ts';

const oracle = findOracle();
const program = 'program' in oracle ? oracle.program : '';
const missing = 'missing' in oracle ? oracle.missing : undefined;

const web = 'outbound|7000||web.shop.svc.cluster.local';
const subset = 'outbound|7000|v1|web.shop.svc.cluster.local';
const ledger = 'outbound|7000||ledger.example.com';
const direct = ['10.2.0.2:7000'];
const throughGateway = [`${balancerAddress}:15443`];
const machine = ['198.51.100.1:7000'];

function named(examples: readonly Example[], name: string): Example {
  const example = examples.find((candidate) => candidate.name === name);
  if (example === undefined) {
    throw new Error(`no example "${name}"`);
  }
  return example;
}

async function clientSees(example: Example): Promise<ProxyXds> {
  return xdsOf(program, 'shop/client', running(example), ['--network=east']);
}

async function gatewaySees(example: Example, network?: string): Promise<ProxyXds> {
  const known = network === undefined ? [] : ([`--network=${network}`] as const);
  return xdsOf(program, 'istio-system/east-west', running(example), ['--router', ...known]);
}

function namesAt(xds: ProxyXds, port: number): readonly string[] {
  return xds.listeners
    .filter(
      (listener) =>
        valueIn(listener, 'address', 'socketAddress', 'portValue') === port &&
        stringIn(listener, 'trafficDirection') !== 'INBOUND',
    )
    .flatMap(chainsOf)
    .flatMap((chain) => {
      const names = valueIn(chain, 'filterChainMatch', 'serverNames');
      return Array.isArray(names) ? (names as readonly string[]) : ['any name'];
    });
}

describeWith(missing, 'network-gateway: where clients in the other network dial', () => {
  test.each([
    ['A load balancer leads to port 15443', web, throughGateway],
    ['External IPs are an address outside the cluster', web, ['203.0.113.88:15443']],
    ['A label names another port', web, [`${balancerAddress}:443`]],
    ['The gateway exposes 15021 and 80 only', web, direct],
    ['The port that counts is the Service’s, not its target', web, direct],
    ['Ambient proxies enter by 15008, sidecars do not', web, direct],
    ['A cluster address is none outside the cluster', web, direct],
    ['A running load balancer that has no address', web, direct],
    ['The label for the port is no number', web, throughGateway],
    ['Pods in two networks, and no gateway at all', web, direct],
    ['The label of an endpoint names no network', ledger, machine],
  ])('%s', async (name, cluster, wanted) => {
    const xds = await clientSees(named(networkGatewayExamples, name));
    expect(socketsOf(xds, cluster)).toEqual(wanted);
  });

  test('A headless Service across networks: the client has a listener for the far Pod', async () => {
    const example = named(networkGatewayExamples, 'A headless Service across networks');
    const names = (await clientSees(example)).listeners.map((listener) =>
      stringIn(listener, 'name'),
    );
    expect(names).toContain('10.2.0.2_7000');
  });

  test('Endpoints that Envoy resolves stay what they are', async () => {
    const example = named(
      networkGatewayExamples,
      'Endpoints that Envoy resolves go past the gateway',
    );
    const cluster = (await clientSees(example)).clusters.find(
      (candidate) => stringIn(candidate, 'name') === ledger,
    );
    expect(stringIn(cluster, 'type')).toBe('STRICT_DNS');
    expect(JSON.stringify(cluster)).toContain('ledger-1.example.net');
    expect(JSON.stringify(cluster)).not.toContain(balancerAddress);
  });

  test('The gateway’s Pods in another network dial the gateway, in their own they dial the Pod', async () => {
    const example = named(
      networkGatewayExamples,
      'The gateway’s Pods take themselves for another network',
    );
    expect(socketsOf(await gatewaySees(example, 'east'), web)).toEqual(throughGateway);
    expect(socketsOf(await gatewaySees(example), web)).toEqual(throughGateway);
    expect(socketsOf(await gatewaySees(example, 'west'), web)).toEqual(direct);
  });
});

describeWith(missing, 'gateway-mtls-only: what is left of the endpoints', () => {
  test.each([
    ['Istio’s TLS by a rule', web, throughGateway],
    ['STRICT passes', web, throughGateway],
    ['A rule in place of auto mTLS', web, throughGateway],
    [
      'A Pod without a sidecar in the network of its clients',
      web,
      ['10.1.0.2:7000', ...throughGateway],
    ],
    [
      'A service account makes a machine one of the mesh, and so does the label',
      ledger,
      throughGateway,
    ],
    ['A rule disables TLS', web, []],
    ['A rule with a TLS of its own, for one port', web, []],
    ['A rule disables TLS for a subset', subset, []],
    ['A rule disables TLS for machines', ledger, []],
    ['A namespace without mutual TLS', web, []],
    ['A mesh without mutual TLS', web, []],
    ['One port without mutual TLS', web, []],
    ['A far Pod without a sidecar', web, []],
    ['A machine without an identity', ledger, []],
    ['An endpoint without an identity', ledger, []],
  ])('%s', async (name, cluster, wanted) => {
    const xds = await clientSees(named(gatewayMtlsOnlyExamples, name));
    expect(socketsOf(xds, cluster)).toEqual(wanted);
  });

  test.each([
    ['A machine outside the mesh, behind a gateway of the mesh', ledger],
    ['Auto mTLS is off, and nothing stands in for it', web],
    ['Auto mTLS is off, and a rule stands in for Pods but not for machines', ledger],
  ])('%s: plaintext for the gateway', async (name, cluster) => {
    const xds = await clientSees(named(gatewayMtlsOnlyExamples, name));
    const found = xds.clusters.find((candidate) => stringIn(candidate, 'name') === cluster);
    expect(socketsOf(xds, cluster)).toEqual(throughGateway);
    expect(found).toBeDefined();
    expect(valueIn(found, 'transportSocket')).toBeUndefined();
    expect(valueIn(found, 'transportSocketMatches')).toBeUndefined();
  });
});

describeWith(missing, 'gateway-mtls-only: what the gateway answers on 15443', () => {
  const webName = 'outbound_.7000_._.web.shop.svc.cluster.local';

  test('The gateway publishes all Services', async () => {
    const example = named(gatewayMtlsOnlyExamples, 'The gateway publishes all Services');
    expect(namesAt(await gatewaySees(example, 'west'), 15443)).toContain(webName);
  });

  test.each(['The gateway terminates Istio’s TLS', 'Nothing is published'])('%s', async (name) => {
    const xds = await gatewaySees(named(gatewayMtlsOnlyExamples, name), 'west');
    expect(namesAt(xds, 15443)).toEqual([]);
  });

  const ledgerName = 'outbound_.7000_._.ledger.example.com';

  test.each([
    ['Machines whose host the gateway publishes', ledger, ledgerName, true],
    [
      'Services of one namespace are published, by a host that names a namespace',
      web,
      webName,
      true,
    ],
    ['Machines whose host is none of the cluster’s', ledger, ledgerName, false],
    ['Services of another namespace are published', web, webName, false],
  ])('%s', async (name, cluster, serverName, published) => {
    const example = named(gatewayPublishedExamples, name);
    const known = namesAt(await gatewaySees(example, 'west'), 15443);
    expect(socketsOf(await clientSees(example), cluster)).toEqual(throughGateway);
    expect(known.includes(serverName)).toBe(published);
  });

  test('HTTP cannot be passed through: no chain for any name', async () => {
    const example = named(gatewayMtlsOnlyExamples, 'HTTP cannot be passed through');
    expect(namesAt(await gatewaySees(example, 'west'), 15443)).toEqual(['any name']);
  });

  test('Everything is published: a ServiceEntry too, which *.local leaves out', async () => {
    const all = named(gatewayMtlsOnlyExamples, 'Everything is published');
    const services = named(gatewayMtlsOnlyExamples, 'The gateway publishes all Services');
    const { yaml } = named(
      gatewayMtlsOnlyExamples,
      'A machine outside the mesh, behind a gateway of the mesh',
    );
    const entry = `---\n${yaml.slice(yaml.indexOf('apiVersion: networking'))}`.replace(
      'EXTERNAL',
      'INTERNAL',
    );
    const name = 'outbound_.7000_._.ledger.example.com';
    const wide = await gatewaySees({ ...all, yaml: all.yaml + entry }, 'west');
    const narrow = await gatewaySees({ ...services, yaml: services.yaml + entry }, 'west');
    expect(namesAt(wide, 15443)).toContain(name);
    expect(namesAt(narrow, 15443)).not.toContain(name);
  });
});
