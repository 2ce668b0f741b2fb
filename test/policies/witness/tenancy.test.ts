import { expect, test } from '@jest/globals';
import {
  isObject,
  listIn,
  objectIn,
  stringIn,
  type JsonObject,
} from '../../../policies/core/json.ts';
import type { Example } from '../../../policies/core/policy.ts';
import { exportScopeExamples } from '../../../policies/rules/tenancy/export-scope.examples.ts';
import { hostOwnershipExamples } from '../../../policies/rules/tenancy/host-ownership.examples.ts';
import { sidecarScopeExamples } from '../../../policies/rules/tenancy/sidecar-scope.examples.ts';
import { describeWith } from '../../support/describe-with.ts';
import { resourcesOf } from '../../support/examples.ts';
import {
  addressesOf,
  complaintsOf,
  findOracle,
  xdsOf,
  type ProxyXds,
} from '../../support/oracle.ts';
import { asYaml, clientPod, namespaceObject } from '../../support/witness-mesh.ts';

const oracle = findOracle();
const program = 'program' in oracle ? oracle.program : '';
const missing = 'missing' in oracle ? oracle.missing : undefined;
const namespaces = ['bank', 'shop', 'third', 'istio-system'];
const api = 'api.bank.svc.cluster.local';

/** What a client's proxy gets in an example's mesh; the example brings its objects, not what runs. */
async function seenBy(
  namespace: string,
  examples: readonly Example[],
  name: string,
): Promise<ProxyXds> {
  const example = examples.find((candidate) => candidate.name === name);
  if (example === undefined) {
    throw new Error(`no example "${name}"`);
  }
  const objects = resourcesOf(example.yaml)
    .filter(({ type }) => type !== 'Deployment' && type !== 'Namespace')
    .map(({ type, object }, index) => (type === 'Service' ? withAddress(object, index) : object));
  const others = namespaces.flatMap((place, index) => [
    namespaceObject(place),
    clientPod(place, index),
  ]);
  const targets = namespaces.map((place, index) =>
    withAddress(
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'other', namespace: place },
        spec: { ports: [{ name: 'http', port: 80 }] },
      },
      100 + index,
    ),
  );
  const needsTargets = objects.some((object) => object['kind'] === 'VirtualService');
  return xdsOf(
    program,
    `${namespace}/client`,
    asYaml([...others, ...objects, ...(needsTargets ? targets : [])]),
  );
}

/** What the API server fills in. */
function withAddress(service: JsonObject, index: number): JsonObject {
  const ports = listIn(service, 'spec', 'ports').map((port) => ({
    ...objectIn(port),
    targetPort: objectIn(port)['port'] ?? 0,
  }));
  return {
    ...service,
    spec: { ...objectIn(service, 'spec'), ports, clusterIP: `10.96.0.${String(index + 1)}` },
  };
}

function hostsOfClusters(xds: ProxyXds): readonly string[] {
  const hosts = xds.clusters.flatMap((cluster) => {
    const [direction, , subset, host = ''] = (stringIn(cluster, 'name') ?? '').split('|');
    return direction === 'outbound' && subset === '' ? [host] : [];
  });
  return [...new Set(hosts)].sort();
}

function clusterOf(xds: ProxyXds, name: string): JsonObject {
  const found = xds.clusters.find((cluster) => stringIn(cluster, 'name') === name);
  return isObject(found) ? found : {};
}

/** The clusters to which requests for a host go on port 80. */
function routeTo(xds: ProxyXds, host: string): readonly string[] {
  return xds.routes
    .flatMap((route) => listIn(route, 'virtualHosts'))
    .filter((virtualHost) => listIn(virtualHost, 'domains').includes(host))
    .flatMap((virtualHost) => listIn(virtualHost, 'routes'))
    .map((route) => stringIn(route, 'route', 'cluster') ?? '');
}

const other = (namespace: string): string => `outbound|80||other.${namespace}.svc.cluster.local`;

describeWith(missing, 'tenancy/host-ownership in the real Istio', () => {
  const routed: readonly (readonly [string, string, string])[] = [
    [
      "An older foreign VirtualService takes the host, for its owner's clients too",
      'bank',
      'third',
    ],
    ['Exported by name comes before public, however young', 'shop', 'third'],
    ['Exported by name comes before public, however young', 'bank', 'bank'],
    [
      'A foreign VirtualService for a host that its owner does not route, and one for a whole namespace',
      'bank',
      'third',
    ],
    ['A younger foreign VirtualService does nothing', 'third', 'bank'],
    ['The owner routes its host, a client its own requests', 'shop', 'shop'],
    ['The owner routes its host, a client its own requests', 'bank', 'bank'],
    ['What a VirtualService matches at a gateway takes nothing on the mesh', 'shop', 'bank'],
    ['A foreign VirtualService for the requests of its own namespace', 'third', 'third'],
  ];
  test.each(routed)('%s: %s goes to %s', async (name, client, target) => {
    const xds = await seenBy(client, hostOwnershipExamples, name);
    expect(routeTo(xds, api)).toEqual([other(target)]);
  });

  test('each VirtualService has its port', async () => {
    const name = 'Two VirtualServices of the owner, each for a port of its own';
    const xds = await seenBy('shop', hostOwnershipExamples, name);
    const clusters = [other('bank'), other('bank').replace('|80|', '|8080|')];
    expect([...routeTo(xds, api)].sort()).toEqual(clusters.sort());
  });

  test("a foreign VirtualService leaves other namespaces' requests alone", async () => {
    const name = 'A foreign VirtualService for the requests of its own namespace';
    const xds = await seenBy('shop', hostOwnershipExamples, name);
    expect(routeTo(xds, api)).toEqual([`outbound|80||${api}`]);
  });

  const timeouts: readonly (readonly [string, string, string])[] = [
    ["A client's DestinationRule drops the owner's settings and subsets", 'shop', '10s'],
    ["A client's DestinationRule drops the owner's settings and subsets", 'third', '2s'],
    ['Two DestinationRules of one namespace disagree', 'shop', '3s'],
    ['Two rules of one namespace add to each other', 'shop', '2s'],
    ['A DestinationRule is exported to clients that never read it', 'shop', '10s'],
  ];
  test.each(timeouts)('%s: connectTimeout in %s is %s', async (name, client, timeout) => {
    const xds = await seenBy(client, hostOwnershipExamples, name);
    expect(clusterOf(xds, `outbound|80||${api}`)['connectTimeout']).toBe(timeout);
  });

  test.each([
    ["A wildcard beside the client comes before the owner's exact host"],
    ['A rule of a client replaces the mesh-wide one'],
  ])('%s: the outlier detection is lost', async (name) => {
    const lost = await seenBy('shop', hostOwnershipExamples, name);
    const kept = await seenBy('third', hostOwnershipExamples, name);
    expect(clusterOf(lost, `outbound|80||${api}`)).not.toHaveProperty('outlierDetection');
    expect(clusterOf(kept, `outbound|80||${api}`)).toHaveProperty('outlierDetection');
  });

  test('one external host: a client takes its own entry, else the older', async () => {
    const name = 'One external host in ServiceEntries of two namespaces';
    const cluster = 'outbound|5432||db.example.com';
    const own = await seenBy('shop', hostOwnershipExamples, name);
    const third = await seenBy('third', hostOwnershipExamples, name);
    expect(addressesOf(own, cluster)).toEqual(['192.0.2.1']);
    expect(addressesOf(third, cluster)).toEqual(['192.0.2.2']);
  });

  test("a ServiceEntry shadows a Service in the entry's namespace alone", async () => {
    const name = "A ServiceEntry has another namespace's Service as its host";
    const own = await seenBy('shop', hostOwnershipExamples, name);
    const third = await seenBy('third', hostOwnershipExamples, name);
    expect(addressesOf(own, `outbound|5432||${api}`)).toEqual(['192.0.2.1']);
    expect(addressesOf(own, `outbound|80||${api}`)).toEqual([]);
    expect(clusterOf(own, `outbound|80||${api}`)).toEqual({});
    expect(clusterOf(third, `outbound|80||${api}`)).not.toEqual({});
  });
});

describeWith(missing, 'tenancy/sidecar-scope in the real Istio', () => {
  const web = 'web.shop.svc.cluster.local';
  const scopes: readonly (readonly [string, readonly string[]])[] = [
    ['A large mesh, and no scope', [api, web]],
    ['A Sidecar that imports everything, by its hosts or for want of any', [api]],
    ['Everything but one namespace', [web]],
    ['A wide Sidecar takes the place of the narrow one of the mesh', [api, web]],
    ['One for all in the root namespace, where "." is the namespace of the proxy', [web]],
    ['One for all in the root namespace that the mesh config names', [web]],
    ['One for all beside istiod, where the mesh config names another root namespace', [api, web]],
    ['Nothing is left of what is imported', []],
    ['Hosts that nothing matches', []],
    ['A selector in the root namespace', [api, web]],
    ['Two plain Sidecars: at equal age the first by name counts', [api]],
    ['An empty selector comes before every plain Sidecar', [api]],
    ['A Sidecar with a selector beside a plain one', [api]],
  ];
  test.each(scopes)('%s', async (name, hosts) => {
    expect(hostsOfClusters(await seenBy('shop', sidecarScopeExamples, name))).toEqual(hosts);
  });
});

describeWith(missing, 'tenancy/export-scope in the real Istio', () => {
  const partner = 'partner.example.com';
  const exported: readonly (readonly [string, string, boolean])[] = [
    ['A namespace that does not exist', 'bank', false],
    ['One name of two is wrong', 'bank', true],
    ['One name of two is wrong', 'shop', false],
    ['The own namespace is left out, and the configuration asks for it', 'bank', false],
    ['The own namespace is left out, and the configuration asks for it', 'shop', true],
  ];
  test.each(exported)('%s: %s sees the host: %s', async (name, client, seen) => {
    const xds = await seenBy(client, exportScopeExamples, name);
    expect(hostsOfClusters(xds).includes(partner)).toBe(seen);
  });
});

describeWith(missing, 'what the real validator refuses', () => {
  const refused: readonly (readonly [string, readonly Example[], readonly RegExp[]])[] = [
    [
      'Short names',
      sidecarScopeExamples,
      [/short names \(non FQDN\) are not allowed/u, /host must be of form namespace\/dnsName/u],
    ],
    [
      'The listener without a port is not the last one',
      sidecarScopeExamples,
      [/egress listener with empty port should be the last listener/u],
    ],
    [
      'Istio refuses "*" beside a name',
      exportScopeExamples,
      [/cannot have both public \(\*\) and non-public exportTo values/u],
    ],
    ['One name of two is wrong', exportScopeExamples, []],
    ['Exclusions before Istio 1.31', sidecarScopeExamples, []],
  ];
  test.each(refused)('%s', async (name, examples, complaints) => {
    const example = examples.find((candidate) => candidate.name === name);
    const istio = resourcesOf(example?.yaml ?? '')
      .filter(({ apiVersion }) => apiVersion.startsWith('networking.istio.io/'))
      .map(({ object }) => object);
    const said = (await complaintsOf(program, asYaml(istio))).join('\n');
    for (const complaint of complaints) {
      expect(said).toMatch(complaint);
    }
    if (complaints.length === 0) {
      expect(said).toBe('');
    }
  });
});
