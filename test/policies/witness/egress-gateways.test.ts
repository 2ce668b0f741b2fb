import { expect, test } from '@jest/globals';
import { stringIn } from '../../../policies/core/json.ts';
import { compareText } from '../../../policies/core/resource.ts';
import type { Example } from '../../../policies/core/policy.ts';
import { gatewayPortPerEndpointExamples } from '../../../policies/rules/egress/gateway-port-per-endpoint.examples.ts';
import { sniPassthroughChainExamples } from '../../../policies/rules/egress/sni-passthrough-chain.examples.ts';
import { describeWith } from '../../support/describe-with.ts';
import { resourcesOf } from '../../support/examples.ts';
import { addressesOf, findOracle, xdsOf } from '../../support/oracle.ts';
import { outboundChains } from '../../support/outbound-chains.ts';
import { asYaml, clientPod, namespaceObject, podObject } from '../../support/witness-mesh.ts';

const oracle = findOracle();
const program = 'program' in oracle ? oracle.program : '';
const missing = 'missing' in oracle ? oracle.missing : undefined;

/** The mesh of an example with the Pods that its Deployments would make. */
function running({ yaml }: Example): string {
  const objects = resourcesOf(yaml)
    .filter(({ type }) => type !== 'Deployment' && type !== 'Namespace')
    .map(({ object }) => object);
  const gateway = podObject('istio-system', 'egw', '10.0.9.9', { istio: 'egressgateway' });
  return asYaml([
    namespaceObject('shop'),
    namespaceObject('istio-system'),
    clientPod('shop', 0),
    gateway,
    ...objects,
  ]);
}

function named(examples: readonly Example[], name: string): Example {
  const example = examples.find((candidate) => candidate.name === name);
  if (example === undefined) {
    throw new Error(`no example "${name}"`);
  }
  return example;
}

async function gatewayChains(example: Example): Promise<readonly string[]> {
  const answer = await xdsOf(program, 'istio-system/egw', running(example), ['--router']);
  // istiod gives the listeners of a gateway in no order.
  return outboundChains(answer).toSorted(compareText);
}

const alpha = 'alpha.db.example.com';
const beta = 'beta.db.example.com';
const db = '0.0.0.0_5432';

describeWith(missing, 'gateway-port-per-endpoint: what the gateway listens to', () => {
  test.each([
    ['A port each', [`${db} -> ${alpha}`, `0.0.0.0_5433 -> ${beta}:5432`]],
    [
      'One port, and a server name each',
      [`${db} sni=${alpha} -> ${alpha}`, `${db} sni=${beta} -> ${beta}`],
    ],
    [
      'One port that terminates mTLS from the sidecars, with a server each',
      [`${db} sni=${alpha} -> ${alpha}`, `${db} sni=${beta} -> ${beta}`],
    ],
    [
      'Another bind address is another socket',
      [`10.0.9.9_5432 -> ${alpha}`, `127.0.0.1_5432 -> ${beta}`],
    ],
    [
      'TLS first, then TCP: the server name decides, and what has none goes to the second',
      [`${db} sni=${alpha} -> ${alpha}`, `${db} -> ${beta}`],
    ],
    [
      'Two destinations with weights are meant so, and HTTP tells hosts apart',
      [`${db} -> ${alpha} + ${beta}`, '0.0.0.0_5433 -> http'],
    ],
    ['Two TCP servers on one port', [`${db} -> ${alpha}`]],
    ['TCP first, then TLS, in two Gateways', [`${db} -> ${alpha}`]],
    ['One TLS host in two Gateways', [`${db} sni=${alpha} -> ${alpha}`]],
    ['One TCP server for both hosts: the older route takes everything', [`${db} -> ${beta}`]],
    ['A private route comes before an older public one', [`${db} -> ${beta}`]],
    ['One server that terminates TLS for both hosts', [`${db} sni=${alpha},${beta} -> ${alpha}`]],
    ['One server name in two routes', [`${db} sni=${alpha} -> ${alpha}`]],
  ])('%s', async (name, wanted) => {
    const chains = await gatewayChains(named(gatewayPortPerEndpointExamples, name));
    expect(chains).toEqual(wanted.toSorted(compareText));
  });
});

const host = 'api.partner.example.com';
const service = 'istio-egressgateway.istio-system.svc.cluster.local';
const toGateway = `0.0.0.0_443 sni=${host} -> ${service}`;
const pastGateway = `0.0.0.0_443 sni=${host} -> ${host}`;
const out = `0.0.0.0_8443 sni=${host} -> ${host}:443`;

interface Led {
  readonly name: string;
  /** Where clients are led, and the gateway; left out where the example changes nothing for them. */
  readonly clients?: readonly string[];
  readonly gateway?: readonly string[];
}

const led: readonly Led[] = [
  { name: 'The whole chain', clients: [toGateway], gateway: [out] },
  {
    name: 'The halves of the route in two VirtualServices, and the Gateway by its full name',
    clients: [toGateway],
    gateway: [out],
  },
  {
    name: 'Protocol HTTPS, and exports to the namespaces of the clients and of the gateway',
    clients: [toGateway],
    gateway: [out],
  },
  {
    name: 'A Sidecar that does not import the gateway: what a visible VirtualService leads to joins the scope',
    clients: [toGateway],
  },
  { name: 'No ServiceEntry', clients: [], gateway: [`${out} (absent)`] },
  { name: 'The entry is exported to the namespace of the gateway only', clients: [] },
  { name: 'gateways lacks mesh', clients: [pastGateway] },
  { name: 'Only the gateway has a route', clients: [pastGateway] },
  { name: 'The match of the clients is for a port that the entry lacks', clients: [pastGateway] },
  { name: 'The entry says TCP', clients: [`0.0.0.0_443 -> ${host}`] },
  {
    name: 'Clients are sent to a port that the Service of the gateway lacks',
    clients: [`${toGateway}:8443 (absent)`],
  },
  {
    name: 'Clients are sent to another port of the gateway',
    clients: [`${toGateway}:5432`],
    gateway: [out],
  },
  { name: 'Only the clients have a route', gateway: [] },
  {
    name: 'The match of the clients names no gateways, so that it is the first of the gateway too',
    clients: [toGateway],
    gateway: [`${toGateway.replace('0.0.0.0_443', '0.0.0.0_8443')}:443`],
  },
  { name: 'A match of the gateway before one for all', clients: [toGateway], gateway: [out] },
  { name: 'The match of the gateway is for a port that it lacks', gateway: [] },
  { name: 'The server is for another host', gateway: [] },
  { name: 'The server ends TLS', gateway: [] },
  { name: 'The VirtualService is not exported to the namespace of the gateway', gateway: [] },
  { name: 'The Gateway selects other Pods', gateway: [] },
  {
    name: 'The entry is not exported to the namespace of the gateway',
    gateway: [`${out} (absent)`],
  },
  {
    name: 'The gateway is sent to a port that the entry lacks',
    gateway: [`0.0.0.0_8443 sni=${host} -> ${host} (absent)`],
  },
];

async function clientChains(example: Example): Promise<readonly string[]> {
  const lines = outboundChains(await xdsOf(program, 'shop/client', running(example)));
  return lines.filter(
    (line) => line.startsWith('0.0.0.0_443') && !line.includes('PassthroughCluster'),
  );
}

describeWith(missing, 'sni-passthrough-chain: where clients and the gateway are led', () => {
  test.each(led)('$name', async ({ name, clients, gateway }) => {
    const example = named(sniPassthroughChainExamples, name);
    const [fromClient, fromGateway] = await Promise.all([
      clients === undefined ? undefined : clientChains(example),
      gateway === undefined ? undefined : gatewayChains(example),
    ]);
    expect({ clients: fromClient, gateway: fromGateway }).toEqual({ clients, gateway });
  });

  test('The entry is not resolved: the cluster of the gateway has nobody to send to', async () => {
    const example = named(sniPassthroughChainExamples, 'The entry is not resolved');
    const xds = await xdsOf(program, 'istio-system/egw', running(example), ['--router']);
    expect(outboundChains(xds)).toEqual([out]);
    expect(addressesOf(xds, `outbound|443||${host}`)).toEqual([]);
    const cluster = xds.clusters.find(
      (found) => stringIn(found, 'name') === `outbound|443||${host}`,
    );
    expect(stringIn(cluster, 'type')).not.toMatch(/DNS/u);
  });
});
