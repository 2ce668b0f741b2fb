import { expect, test } from '@jest/globals';
import { stringIn } from '../../../policies/core/json.ts';
import type { Example } from '../../../policies/core/policy.ts';
import { retiredGlobalDomainExamples } from '../../../policies/rules/dns/retired-global-domain.examples.ts';
import { allowedHostsExamples } from '../../../policies/rules/egress/allowed-hosts.examples.ts';
import { noBypassExamples } from '../../../policies/rules/egress/no-bypass.examples.ts';
import { registryOnlyExamples } from '../../../policies/rules/egress/registry-only.examples.ts';
import { describeWith } from '../../support/describe-with.ts';
import { resourcesOf } from '../../support/examples.ts';
import { complaintsOf, findOracle, waysOut, xdsOf, type ProxyXds } from '../../support/oracle.ts';
import { outboundChains } from '../../support/outbound-chains.ts';
import { asYaml, clientPod, namespaceObject, serviceObjects } from '../../support/witness-mesh.ts';

const oracle = findOracle();
const program = 'program' in oracle ? oracle.program : '';
const missing = 'missing' in oracle ? oracle.missing : undefined;

function named(examples: readonly Example[], name: string): Example {
  const example = examples.find((candidate) => candidate.name === name);
  if (example === undefined) {
    throw new Error(`no example "${name}"`);
  }
  return example;
}

function seenIn({ yaml }: Example, namespace = 'shop'): Promise<ProxyXds> {
  const objects = resourcesOf(yaml)
    .filter(({ type }) => type !== 'Deployment' && type !== 'Namespace')
    .map(({ object }) => object);
  const addresses = { service: '10.96.0.10', pod: '10.8.0.1' };
  const web = serviceObjects('app', 'web', [{ name: 'http', port: 80 }], addresses);
  const places = ['shop', 'app'].flatMap((place, index) => [
    namespaceObject(place),
    clientPod(place, index),
  ]);
  return xdsOf(program, `${namespace}/client`, asYaml([...places, ...web, ...objects]));
}

/** Where connections go that no listener takes. */
function otherwise(xds: ProxyXds): 'out' | 'nowhere' {
  const catchAll = xds.listeners.find(
    (listener) => stringIn(listener, 'name') === 'virtualOutbound',
  );
  return JSON.stringify(catchAll).includes('"PassthroughCluster"') ? 'out' : 'nowhere';
}

describeWith(missing, 'registry-only: where unknown hosts go', () => {
  test.each([
    ['A closed mesh, and a Sidecar that leaves it so', 'nowhere'],
    ['An empty object means REGISTRY_ONLY in the mesh config', 'nowhere'],
    ['An empty object means REGISTRY_ONLY in a Sidecar too', 'nowhere'],
    ['A mesh config that says nothing', 'out'],
    ['A mesh that says ALLOW_ANY', 'out'],
    ['Hosts resolved at the time of the request are as open', 'out'],
    ['A Sidecar opens what the mesh closes', 'out'],
  ])('%s: %s', async (name, wanted) => {
    expect(otherwise(await seenIn(named(registryOnlyExamples, name)))).toBe(wanted);
  });

  test('a mode that a Sidecar cannot have is refused', async () => {
    const { yaml } = named(registryOnlyExamples, 'A mode that a Sidecar cannot have');
    const sidecar = resourcesOf(yaml).filter(({ type }) => type === 'Sidecar');
    const complaints = await complaintsOf(program, asYaml(sidecar.map(({ object }) => object)));
    expect(complaints.join('\n')).toContain('ALLOW_ANY_DYNAMIC_DNS');
  });
});

describeWith(missing, 'no-bypass: what an open port reaches', () => {
  test.each([
    ['A TCP entry that is resolved leads to its host alone', 'STRICT_DNS'],
    ['A TCP entry without address and resolution', 'ORIGINAL_DST'],
    ['The range of all addresses', 'ORIGINAL_DST'],
  ])('%s: %s', async (name, wanted) => {
    const xds = await seenIn(named(noBypassExamples, name));
    const cluster = xds.clusters.find(
      (candidate) => stringIn(candidate, 'name') === 'outbound|5432||db.example.com',
    );
    expect(stringIn(cluster, 'type')).toBe(wanted);
  });
});

describeWith(missing, 'allowed-hosts: what a wildcard opens', () => {
  test('every host below a top-level domain', async () => {
    const xds = await seenIn(named(allowedHostsExamples, 'A whole top-level domain'));
    expect(outboundChains(xds)).toContain('0.0.0.0_443 sni=*.com -> *.com');
  });
});

describeWith(missing, 'retired-global-domain: where a route to a .global host leads', () => {
  test.each([
    ['The full name of a service', 'outbound|80||web.app.svc.cluster.local', true],
    ['A route to a .global host', 'outbound|80||web.app.global', false],
    [
      'A service and its namespace, which is called global: a name with a dot is not completed',
      'outbound|80||web.global',
      false,
    ],
  ])('%s', async (name, cluster, exists) => {
    const example = named(retiredGlobalDomainExamples, name);
    const xds = await seenIn(example, 'app');
    expect(waysOut(xds).map((way) => way.cluster)).toContain(cluster);
    expect(xds.clusters.some((candidate) => stringIn(candidate, 'name') === cluster)).toBe(exists);
  });
});
