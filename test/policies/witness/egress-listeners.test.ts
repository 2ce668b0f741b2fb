import { expect, test } from '@jest/globals';
import type { Example } from '../../../policies/core/policy.ts';
import { captureExamples } from '../../../policies/rules/dns/capture.examples.ts';
import { tcpAddressExamples } from '../../../policies/rules/dns/tcp-address.examples.ts';
import { noBypassExamples } from '../../../policies/rules/egress/no-bypass.examples.ts';
import { tcpListenerCollisionExamples } from '../../../policies/rules/egress/tcp-listener-collision.examples.ts';
import { tcpListenerSpellingExamples } from '../../../policies/rules/egress/tcp-listener-collision.spelling.examples.ts';
import { describeWith } from '../../support/describe-with.ts';
import { resourcesOf } from '../../support/examples.ts';
import { findOracle, xdsOf } from '../../support/oracle.ts';
import { outboundChains } from '../../support/outbound-chains.ts';
import { asYaml, clientPod, namespaceObject } from '../../support/witness-mesh.ts';

const oracle = findOracle();
const program = 'program' in oracle ? oracle.program : '';
const missing = 'missing' in oracle ? oracle.missing : undefined;
const namespaces = ['shop', 'bank', 'other'];

interface Seen {
  readonly name: string;
  /** The chains of the client, those for hosts that nobody declared left out. */
  readonly chains: readonly string[];
}

/** What the client of an example gets; it captures DNS where the mesh does and `captures` is not false. */
async function chainsIn(
  examples: readonly Example[],
  name: string,
  captures = true,
): Promise<readonly string[]> {
  const example = examples.find((candidate) => candidate.name === name);
  if (example === undefined) {
    throw new Error(`no example "${name}"`);
  }
  const objects = resourcesOf(example.yaml)
    .filter(({ type }) => type !== 'Deployment' && type !== 'Namespace')
    .map(({ object }) => object);
  const places = namespaces.flatMap((place, index) => [
    namespaceObject(place),
    clientPod(place, index),
  ]);
  const asksProxy = captures && example.yaml.includes('ISTIO_META_DNS_CAPTURE: "true"');
  const flags = asksProxy ? (['--dns-capture'] as const) : [];
  const xds = await xdsOf(program, 'shop/client', asYaml([...places, ...objects]), flags);
  return outboundChains(xds)
    .filter((line) => !/(?:Passthrough|BlackHole)Cluster/u.test(line))
    .map((line) => line.replaceAll('.db.example.com', ''))
    .sort();
}

describeWith(missing, 'tcp-listener-collision: who has the listener', () => {
  test.each<Seen>([
    { name: 'An address each', chains: ['192.0.2.7_5432 -> alpha', '192.0.2.8_5432 -> beta'] },
    {
      name: 'TLS is told by the server name',
      chains: ['0.0.0.0_443 sni=alpha -> alpha', '0.0.0.0_443 sni=beta -> beta'],
    },
    {
      name: 'A range within another is no collision: the longest prefix wins, then who has none',
      chains: [
        '0.0.0.0_5432 -> gamma',
        '0.0.0.0_5432 to=192.0.2.0 -> alpha',
        '0.0.0.0_5432 to=192.0.2.0 -> beta',
      ],
    },
    {
      name: 'Addresses that istiod allocated, in proxies that capture DNS',
      chains: ['240.240.0.1_5432 -> alpha', '240.240.0.2_5432 -> beta'],
    },
    {
      name: 'The clients do not see the rival: exports, and a Sidecar',
      chains: ['0.0.0.0_5432 -> beta'],
    },
    {
      name: 'A VirtualService that matches the addresses of the newcomer',
      chains: ['0.0.0.0_5432 -> alpha', '0.0.0.0_5432 to=198.51.100.0 -> beta'],
    },
    {
      name: 'HTTP Services and one TCP entry share a port',
      chains: ['0.0.0.0_80 -> alpha', '0.0.0.0_80 -> http'],
    },
    {
      name: 'Two TCP hosts without an address: the older one has everything',
      chains: ['0.0.0.0_5432 -> alpha'],
    },
    {
      name: 'Redis and TCP are both raw bytes, and DNS capture does not help with resolution NONE',
      chains: ['0.0.0.0_6379 -> beta'],
    },
    {
      name: 'A young private entry comes before an old public one',
      chains: ['0.0.0.0_5432 -> beta'],
    },
    {
      name: 'An address is told by no server name, and a range is compared as it is masked',
      chains: ['0.0.0.0_5432 to=198.51.100.1 -> gamma', '192.0.2.7_443 -> alpha'],
    },
    {
      name: 'The address of a Service',
      chains: ['10.96.0.10_5432 -> web.shop.svc.cluster.local'],
    },
    {
      name: 'Two ports without a protocol',
      chains: ['0.0.0.0_5432 -> alpha', '0.0.0.0_5432 -> http'],
    },
    {
      name: 'MySQL shares its socket with nothing, not with HTTP either',
      chains: ['0.0.0.0_3306 -> alpha'],
    },
    {
      name: 'MySQL after TLS: the newcomer is left out',
      chains: ['0.0.0.0_3306 sni=alpha -> alpha'],
    },
    {
      name: 'One host and port with two protocols',
      chains: ['0.0.0.0_5432 -> alpha', '0.0.0.0_5432 -> http'],
    },
    {
      name: 'One server name in the routes of two hosts',
      chains: ['0.0.0.0_443 sni=alpha -> alpha'],
    },
  ])('$name', async ({ name, chains }) => {
    expect(await chainsIn(tcpListenerCollisionExamples, name)).toEqual(chains);
  });

  test('two spellings of one address are two listeners to istiod', async () => {
    const name = 'One IPv6 address in two spellings';
    expect(await chainsIn(tcpListenerSpellingExamples, name)).toEqual([
      '2001:0db8:0:0::1_5432 -> beta',
      '2001:db8::1_5432 -> alpha',
    ]);
  });
});

const host = 'db.example.com';
const wholePort = [`0.0.0.0_5432 -> ${host}`];

describeWith(missing, 'tcp-address: what the listener takes', () => {
  test.each<Seen>([
    { name: 'An address of its own', chains: [`192.0.2.7_5432 -> ${host}`] },
    {
      name: 'A range, which leaves the rest of the port alone',
      chains: [`0.0.0.0_5432 to=192.0.2.0 -> ${host}`],
    },
    {
      name: 'TLS is told by its server name',
      chains: [`0.0.0.0_5432 sni=${host} -> ${host}`],
    },
    {
      name: 'A proxy that captures DNS uses the address that istiod allocates',
      chains: [`240.240.0.1_5432 -> ${host}`],
    },
    { name: 'An address is allocated, but the proxies do not capture DNS', chains: wholePort },
    { name: 'Mongo binds as TCP does', chains: [`0.0.0.0_27017 -> ${host}`] },
    { name: 'Wildcard hosts get no address, capture or not', chains: ['0.0.0.0_5432 -> *'] },
    { name: 'Endpoints are not what the listener binds', chains: wholePort },
    { name: 'The label that opts out of allocation', chains: wholePort },
    {
      name: 'A port without protocol is guessed: HTTP apart, everything goes to the host',
      chains: [...wholePort, '0.0.0.0_5432 -> http'],
    },
  ])('$name', async ({ name, chains }) => {
    expect(await chainsIn(tcpAddressExamples, name)).toEqual(chains);
  });
});

describeWith(missing, 'capture: what a workload loses that opts out', () => {
  const name = 'A workload that opts out of the addresses that the mesh allocates';
  test.each([
    { captures: true, chains: [`240.240.0.1_5432 -> ${host}`] },
    { captures: false, chains: wholePort },
  ])('captures: $captures', async ({ captures, chains }) => {
    expect(await chainsIn(captureExamples, name, captures)).toEqual(chains);
  });
});

describeWith(missing, 'no-bypass: what an entry opens under REGISTRY_ONLY', () => {
  test.each<Seen>([
    { name: 'A TCP entry that is resolved leads to its host alone', chains: wholePort },
    {
      name: 'A TCP entry for a range, and a TLS entry',
      chains: [`0.0.0.0_443 sni=${host} -> ${host}`, `0.0.0.0_5432 to=192.0.2.0 -> ${host}`],
    },
    { name: 'A TCP entry without address and resolution', chains: wholePort },
    { name: 'The range of all addresses', chains: wholePort },
  ])('$name', async ({ name, chains }) => {
    expect(await chainsIn(noBypassExamples, name)).toEqual(chains);
  });
});
