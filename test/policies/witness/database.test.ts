import { beforeAll, expect, test } from '@jest/globals';
import { listIn, stringIn, valueIn, type Json } from '../../../policies/core/json.ts';
import type { Example } from '../../../policies/core/policy.ts';
import type { MeshPolicy } from '../../../policies/mesh/mesh.ts';
import { declaredProtocol } from '../../../policies/rules/database/declared-protocol.ts';
import { interceptedPorts } from '../../../policies/rules/database/intercepted-ports.ts';
import { managedEndpoint } from '../../../policies/rules/database/managed-endpoint.ts';
import { serverFirstMtls } from '../../../policies/rules/database/server-first-mtls.ts';
import { sidecarInjection } from '../../../policies/rules/database/sidecar-injection.ts';
import { describeWith } from '../../support/describe-with.ts';
import { runnableMesh } from '../../support/example-mesh.ts';
import { chainsOf, filterOf, findOracle, xdsOf, type ProxyXds } from '../../support/oracle.ts';

const oracle = findOracle();
const program = 'program' in oracle ? oracle.program : '';
const missing = 'missing' in oracle ? oracle.missing : undefined;

/** Examples that set something for the whole mesh have a mesh of their own; the others share one, by namespaces. */
const meshWide = /istio-system/u;
const refusals = new Set(['port-level-without-selector', 'refused-beside', 'unknown-word']);
const policies = [
  serverFirstMtls,
  managedEndpoint,
  declaredProtocol,
  sidecarInjection,
  interceptedPorts,
];
const examples = policies.flatMap((policy) => policy.examples);
const shared = new Map(
  examples
    .filter((example) => !isRefused(example) && !meshWide.test(example.yaml))
    .map((example, index) => [example, index + 1]),
);
let all: ProxyXds = { listeners: [], routes: [], clusters: [], endpoints: [] };

/** The example's manifests with names that no other example has. */
function placed(example: Example): string {
  const suffix = String(shared.get(example));
  return example.yaml
    .replaceAll(/\b(app|db|shop|third)\b(?=[ ,}\n.])/gu, `$1-${suffix}`)
    .replaceAll(/\b(rds|orders)\.(example|abc)\./gu, `$1-${suffix}.$2.`)
    .replaceAll(/\b192\.0\.2\.\d+/gu, `192.0.2.${suffix}`);
}

/** How clients connect to a cluster, as Istio has it. */
function sends(xds: ProxyXds, cluster: string): 'tls' | 'plaintext' | 'per-endpoint' {
  const found = xds.clusters.find((candidate) => stringIn(candidate, 'name') === cluster);
  expect(found).toBeDefined();
  if (listIn(found, 'transportSocketMatches').length > 0) {
    return 'per-endpoint';
  }
  return valueIn(found, 'transportSocket') === undefined ? 'plaintext' : 'tls';
}

/** What the proxy of a Pod takes on a port of it. */
function takes(xds: ProxyXds, port: number): 'mtls' | 'plaintext' | 'both' {
  const chains = xds.listeners
    .flatMap(chainsOf)
    .filter(
      (chain) =>
        valueIn(chain, 'filterChainMatch', 'destinationPort') === port ||
        stringIn(chain, 'name')?.endsWith(`_${String(port)}`) === true,
    );
  const raw = chains.some((chain) => valueIn(chain, 'transportSocket') === undefined);
  const tls = chains.some((chain) => valueIn(chain, 'transportSocket') !== undefined);
  expect(raw || tls).toBe(true);
  if (raw && tls) {
    return 'both';
  }
  return tls ? 'mtls' : 'plaintext';
}

/** The listener by which a proxy sends to a Service or ServiceEntry port, by the cluster that it leads to. */
function listenersTo(xds: ProxyXds, cluster: string): readonly Json[] {
  return xds.listeners.filter((listener) =>
    chainsOf(listener).some((chain) => {
      const proxy = filterOf(chain, 'tcp_proxy');
      return stringIn(proxy, 'cluster') === cluster;
    }),
  );
}

function inspectors(listeners: readonly Json[]): readonly string[] {
  return listeners
    .flatMap((listener) => listIn(listener, 'listenerFilters'))
    .map((filter) => stringIn(filter, 'name')?.split('.').at(-1) ?? '');
}

function messagesOf({ expect: expected }: Example): readonly string[] {
  return expected.map((line) => line.split(' | ', 1)[0] ?? '');
}

function isRefused(example: Example): boolean {
  return messagesOf(example).some((message) => refusals.has(message));
}

/** An example that is right since nobody has a sidecar; the clients of this mesh have one. */
function isWithoutSidecars(example: Example): boolean {
  return example.yaml.includes('dataplane-mode: ambient') && example.expect.length === 0;
}

/** A policy's examples that Istio accepts. */
function judged(policy: MeshPolicy): readonly Example[] {
  return policy.examples.filter((example) => !isRefused(example));
}

function isMeshWide({ yaml }: Example): boolean {
  return meshWide.test(yaml);
}

interface SeenEntry {
  readonly xds: ProxyXds;
  readonly name: string;
  readonly cluster: Json | undefined;
  readonly tls: Json | undefined;
}

/** What each message says of a ServiceEntry or the rule for it, in Istio's own words. */
const misbehaviour: Readonly<Record<string, (entry: SeenEntry) => boolean>> = {
  'name-unchecked': (entry) => entry.tls !== undefined && !checksNames(entry),
  'credential-without-selector': ({ tls }) => tls === undefined,
  'port-level-drops-tls': ({ tls }) => tls === undefined,
  'mesh-certificate': ({ tls }) => stringIn(tls, 'sni')?.startsWith('outbound_.') === true,
  'skips-verification': ({ tls }) =>
    JSON.stringify(valueIn(tls, 'commonTlsContext', 'validationContext')) === '{}',
  'tls-before-greeting': ({ xds, name }) =>
    inspectors(listenersTo(xds, name)).includes('tls_inspector'),
  'tls-upgraded-later': ({ xds, name }) =>
    listenersTo(xds, name)
      .flatMap(chainsOf)
      .filter((chain) => stringIn(filterOf(chain, 'tcp_proxy'), 'cluster') === name)
      .every((chain) => listIn(chain, 'filterChainMatch', 'serverNames').length > 0),
  'any-address': ({ cluster }) => stringIn(cluster, 'type') === 'ORIGINAL_DST',
};

function checksNames({ tls }: SeenEntry): boolean {
  return JSON.stringify(tls ?? {}).includes('SubjectAltNames');
}

describeWith(missing, 'database policies, on the real Istio', () => {
  beforeAll(async () => {
    const yaml = [...shared.keys()].map(placed).join('\n---\n');
    all = await xdsOf(program, 'app/client', runnableMesh(yaml));
  });

  test.each(examples.filter(isRefused))('refused: $name', async ({ yaml }) => {
    await expect(xdsOf(program, 'app/client', runnableMesh(yaml))).rejects.toThrow(
      'configuration is invalid',
    );
  });

  const conflicts = new Set(['rule-refused', 'policy-unseen', 'auto-mtls-off']);
  test.each(judged(serverFirstMtls))('server-first-mtls: $name', async (example) => {
    const own = isMeshWide(example);
    const mesh = runnableMesh(own ? example.yaml : placed(example));
    const client = own ? await xdsOf(program, 'app/client', mesh) : all;
    const namespace = own ? 'db' : `db-${String(shared.get(example))}`;
    const [, port = ''] = /\bport: (\d+)(?:, targetPort: \d+)? \}\]/u.exec(example.yaml) ?? [];
    const sent = sends(client, `outbound|${port}||my.${namespace}.svc.cluster.local`);
    const injected = !example.yaml.includes('istio-injection: disabled');
    const podPort = port === '13306' ? 3306 : Number(port);
    const taken = injected
      ? takes(await xdsOf(program, `${namespace}/my-0`, mesh), podPort)
      : 'plaintext';
    const refused =
      (sent === 'tls' && taken === 'plaintext') || (sent === 'plaintext' && taken === 'mtls');
    const messages = messagesOf(example);
    expect(refused).toBe(messages.some((message) => conflicts.has(message)));
    const greets = example.yaml.includes('mysql:8.4');
    expect(taken === 'both' && greets).toBe(messages.includes('permissive-server-first'));
  });

  test.each(sidecarInjection.examples.filter(({ yaml }) => yaml.includes('tcp-pg')))(
    'sidecar-injection: $name',
    (example) => {
      const cluster = `outbound|5432||pg.db-${String(shared.get(example))}.svc.cluster.local`;
      const mixed = messagesOf(example).includes('mixed-headless');
      expect(sends(all, cluster)).toBe(mixed ? 'plaintext' : 'per-endpoint');
    },
  );

  test.each(interceptedPorts.examples.filter(({ yaml }) => yaml.includes('excludeInboundPorts')))(
    'intercepted-ports: $name',
    (example) => {
      const cluster = `outbound|3306||my.db-${String(shared.get(example))}.svc.cluster.local`;
      const offered = all.endpoints
        .filter((entry) => stringIn(entry, 'clusterName') === cluster)
        .some((entry) => JSON.stringify(entry).includes('"tlsMode":"istio"'));
      const tls = sends(all, cluster) === 'per-endpoint' && offered;
      expect(tls).toBe(
        messagesOf(example).includes('inbound-tls-unread') || example.yaml.includes("'9104'"),
      );
    },
  );

  test.each(judged(managedEndpoint))('managed-endpoint: $name', async (example) => {
    const selects = example.yaml.includes('workloadSelector');
    const yaml = selects ? example.yaml.replaceAll('namespace: shop', 'namespace: app') : undefined;
    const host = selects ? 'rds.example.com' : `rds-${String(shared.get(example))}.example.com`;
    const xds = yaml === undefined ? all : await xdsOf(program, 'app/client', runnableMesh(yaml));
    const [, port = ''] = /number: (\d+)/u.exec(example.yaml) ?? [];
    const name = `outbound|${port}||${host}`;
    const cluster = xds.clusters.find((candidate) => stringIn(candidate, 'name') === name);
    expect(cluster).toBeDefined();
    const [message] = messagesOf(example);
    const entry: SeenEntry = {
      xds,
      name,
      cluster,
      tls: valueIn(cluster, 'transportSocket', 'typedConfig'),
    };
    if (message !== undefined) {
      expect(misbehaviour[message]?.(entry)).toBe(true);
    } else if (example.yaml.includes('subjectAltNames')) {
      expect(checksNames(entry)).toBe(true);
    }
  });

  test.each(
    judged(declaredProtocol).filter(
      (example) => !/ExternalName|http-elastic/u.test(example.yaml) && !isWithoutSidecars(example),
    ),
  )('declared-protocol: $name', async (example) => {
    const suffix = String(shared.get(example));
    const clusters = all.clusters
      .map((cluster) => stringIn(cluster, 'name') ?? '')
      .filter((name) => name.includes(`.db-${suffix}.svc.`) || name.includes(`|orders-${suffix}.`));
    expect(clusters).not.toHaveLength(0);
    const seen = inspectors(clusters.flatMap((name) => listenersTo(all, name)));
    const messages = messagesOf(example);
    if (messages.includes('sniffed')) {
      expect(seen).toContain('http_inspector');
    } else if (messages.includes('requests')) {
      expect(clusters.flatMap((name) => listenersTo(all, name))).toEqual([]);
    } else if (messages.includes('other-service-decides')) {
      const server = await xdsOf(program, `db-${suffix}/pg-0`, runnableMesh(placed(example)));
      const inbound = server.listeners
        .flatMap(chainsOf)
        .filter((chain) => stringIn(chain, 'name') === '0.0.0.0_5432');
      expect(
        inbound.every((chain) => filterOf(chain, 'http_connection_manager') !== undefined),
      ).toBe(true);
      expect(inbound).not.toHaveLength(0);
    } else {
      expect(seen).toEqual([]);
    }
  });
});
