import { expect, test } from '@jest/globals';
import { listIn, numberIn } from '../../../policies/core/json.ts';
import { gatewayBindingExamples } from '../../../policies/rules/egress/gateway-binding.examples.ts';
import { describeWith } from '../../support/describe-with.ts';
import { resourcesOf } from '../../support/examples.ts';
import { findOracle, xdsOf } from '../../support/oracle.ts';
import { asYaml, namespaceObject, podObject } from '../../support/witness-mesh.ts';

const oracle = findOracle();
const program = 'program' in oracle ? oracle.program : '';
const missing = 'missing' in oracle ? oracle.missing : undefined;

/** What the real gateway of an example listens to, and the hosts that it routes. */
async function gatewayOf(name: string): Promise<{ ports: unknown; domains: unknown }> {
  const yaml = gatewayBindingExamples.find((example) => example.name === name)?.yaml ?? '';
  const mesh = asYaml([
    namespaceObject('shop'),
    namespaceObject('istio-system'),
    podObject('istio-system', 'igw', '10.0.9.9', { istio: 'ingressgateway' }),
    ...resourcesOf(yaml)
      .filter(({ type }) => type !== 'Deployment')
      .map(({ object }) => object),
  ]);
  const { listeners, routes } = await xdsOf(program, 'istio-system/igw', mesh, ['--router']);
  return {
    ports: listeners.map((listener) => numberIn(listener, 'address', 'socketAddress', 'portValue')),
    domains: routes
      .flatMap((route) => listIn(route, 'virtualHosts'))
      .flatMap((virtualHost) => listIn(virtualHost, 'domains')),
  };
}

describeWith(missing, 'gateway-binding: what a gateway takes of the routes bound to it', () => {
  test.each([
    ['A route for a host of the server, on a port of the Service', 8080, 'shop.example.com'],
    ['A route for a host that the server does not have', 8080, '*'],
    ['The server takes routes of another namespace only', 8080, '*'],
    ['A server on a port to which no Service leads', 8443, 'shop.example.com'],
  ])('%s', async (name, port, domain) => {
    const { ports, domains } = await gatewayOf(name);
    expect({ ports, domains }).toEqual({ ports: [port], domains: [domain] });
  });
});
