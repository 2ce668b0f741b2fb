import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue } from '../../policies/index.ts';
import { readManifests } from '../../pipelines/render/manifests.ts';
import { describeWith } from '../support/describe-with.ts';
import { findingsOf } from '../support/examples.ts';
import { findShared } from '../support/shared.ts';

interface Expected {
  readonly code: string;
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string;
}

interface AnalyzerCase {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly analyzer: string;
  readonly expected: readonly Expected[];
}

interface Equivalent {
  readonly policy: string;
  /** The messages that mean what the code means; the policy's others say more. */
  readonly messages: readonly string[];
}

/** What says the same as Istio's codes, by the analyzer that gives them. */
const equivalents: Readonly<Record<string, Readonly<Record<string, readonly Equivalent[]>>>> = {
  'externalcontrolplane.ExternalControlPlaneAnalyzer': {
    IST0163: [{ policy: 'controlplane/injector-reachable', messages: ['no-target'] }],
  },
  'gateway.IngressGatewayPortAnalyzer': {
    IST0162: [{ policy: 'egress/gateway-binding', messages: ['port-not-offered'] }],
  },
  'gateway.ConflictingGatewayAnalyzer': {
    IST0145: [{ policy: 'egress/gateway-port-per-endpoint', messages: ['server-left-out'] }],
  },
  'injection.Analyzer': {
    IST0103: [{ policy: 'database/sidecar-injection', messages: ['sidecar-missing'] }],
    IST0123: [
      {
        policy: 'controlplane/distinct-revisions',
        messages: ['revision-ignored', 'ambient-ignored'],
      },
    ],
  },
  'service.PortNameAnalyzer': {
    IST0118: [{ policy: 'database/declared-protocol', messages: ['sniffed'] }],
  },
  'sidecar.SelectorAnalyzer': {
    IST0110: [{ policy: 'tenancy/sidecar-scope', messages: ['never-taken'] }],
    IST0111: [{ policy: 'tenancy/sidecar-scope', messages: ['never-taken'] }],
    IST0167: [{ policy: 'tenancy/sidecar-scope', messages: ['without-effect'] }],
  },
  'virtualservice.ConflictingMeshGatewayHostsAnalyzer': {
    IST0109: [
      {
        policy: 'tenancy/host-ownership',
        messages: ['routes-taken', 'routes-lost', 'foreign-routes', 'foreign-routes-unused'],
      },
    ],
  },
  'virtualservice.GatewayAnalyzer': {
    IST0132: [
      { policy: 'egress/sni-passthrough-chain', messages: ['server-host-differs'] },
      { policy: 'egress/gateway-binding', messages: ['host-not-served'] },
    ],
  },
  'destinationrule.CaCertificateAnalyzer': {
    IST0128: [
      { policy: 'database/managed-endpoint', messages: ['name-unchecked', 'skips-verification'] },
    ],
    IST0129: [
      { policy: 'database/managed-endpoint', messages: ['name-unchecked', 'skips-verification'] },
    ],
  },
  'serviceentry.ProtocolAddressesAnalyzer': {
    IST0134: [
      { policy: 'dns/tcp-address', messages: ['takes-whole-port', 'takes-undeclared-port'] },
    ],
  },
  'serviceentry.ConflictingServiceEntryProtocolAnalyzer': {
    IST0177: [{ policy: 'egress/tcp-listener-collision', messages: ['protocol-differs'] }],
  },
};

const onLoser = 'both objects for Istio; ours sits on the one that loses, and names the winner';
const noDatabase = 'ours judges databases, and these files show none';
const elsewhere = 'the Gateway may be declared elsewhere, with the host';

/** Where we say something else than Istio's analyzer: `<case>: <code> <kind> <name>`, and why. */
const explained: Readonly<Record<string, string>> = {
  'conflicting gateways detect: IST0145 Gateway alpha': onLoser,
  'conflicting gateways detect by sub selector: IST0145 Gateway alpha': onLoser,
  'istioInjection: IST0103 Pod default/noninjectedpod': noDatabase,
  'portNameNotFollowConvention: IST0118 Service my-namespace1/my-service1': noDatabase,
  'portNameNotFollowConvention: IST0118 Service my-namespace2/my-service2': noDatabase,
  'sidecarDefaultSelector: IST0111 Sidecar ns2/has-conflict-1': onLoser,
  'virtualServiceConflictingMeshGatewayHosts: IST0109 VirtualService team3/ratings':
    "the owner's routes, which win; ours sits on those of team4, who has to act",
  'virtualServiceConflictingMeshGatewayHosts: IST0109 VirtualService foo/ratings':
    "the owner's routes, which lose; ours sits on those of bar, who has to act",
  'virtualServiceConflictingMeshGatewayHosts: IST0109 VirtualService foo/bogus-productpage':
    onLoser,
  'virtualServiceConflictingMeshGatewayHosts: IST0109 VirtualService team2/ratings':
    'private to team2, where it comes before the public one and takes nothing from anybody',
  'virtualServiceGateways: IST0132 VirtualService httpbin-bogus': elsewhere,
  'destinationrule with no cacert, simple at destinationlevel: IST0128 DestinationRule db-tls':
    noDatabase,
  'destinationrule with credentialname, simple at destinationlevel, no workloadSelector: IST0128 DestinationRule db-tls':
    noDatabase,
  'destinationrule with no cacert, simple at destinationlevel and mutual at port level: IST0128 DestinationRule db-mtls':
    noDatabase,
  'destinationrule with no cacert, simple at destinationlevel and mutual at port level: IST0129 DestinationRule db-mtls':
    noDatabase,
  'ServiceEntry conflicting protocols on same host and port: IST0177 ServiceEntry default/se-http':
    'both entries for Istio; ours sits on the younger one, whose protocol is not used',
};

/** Objects that both find, and cases in which neither finds anything. */
const agreements = 32;

const found = findShared('data', 'istio-analyzers');
const folder = 'path' in found ? found.path : '';
const missing = 'missing' in found ? found.missing : undefined;

describeWith(missing, "Istio's own cases for its analyzers", () => {
  test('get the same findings, or other ones for a reason', () => {
    const compared = readCases().flatMap(compareCase);
    const differences = compared.filter(({ agreed }) => !agreed).map(({ what }) => what);
    expect(differences.toSorted()).toEqual(Object.keys(explained).toSorted());
    expect(compared.length - differences.length).toBe(agreements);
  });

  test('name policies and messages that exist', () => {
    const known = new Map(catalogue.map((policy) => [policy.id, policy]));
    for (const byCode of Object.values(equivalents)) {
      for (const [code, { policy, messages }] of Object.entries(byCode).flatMap(([name, all]) =>
        all.map((equivalent) => [name, equivalent] as const),
      )) {
        const named = known.get(policy);
        expect(Object.keys(named?.messages ?? {})).toEqual(expect.arrayContaining([...messages]));
        expect((named?.equivalents ?? []).map((equivalent) => equivalent.code)).toContain(code);
      }
    }
  });
});

interface Compared {
  readonly what: string;
  readonly agreed: boolean;
}

function readCases(): readonly AnalyzerCase[] {
  return JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as readonly AnalyzerCase[];
}

/** What Istio expects with a code that has an equivalent, and what we find beyond; silence on both sides agrees too. */
function compareCase({ name, inputs, analyzer, expected }: AnalyzerCase): readonly Compared[] {
  const byCode = equivalents[analyzer.replaceAll(/^&|\{\}$/gu, '')];
  if (byCode === undefined) {
    return [];
  }
  const ours = Object.values(byCode).flatMap((all) => all.flatMap((one) => foundBy(one, inputs)));
  const theirs = expected.filter(({ code }) => Object.hasOwn(byCode, code));
  const compared = theirs.map((wanted) => ({
    what: `${name}: ${wanted.code} ${describeExpected(wanted)}`,
    agreed: (byCode[wanted.code] ?? []).some((one) =>
      foundBy(one, inputs).some((object) => isSame(object, wanted)),
    ),
  }));
  const extra = ours
    .filter((object) => !theirs.some((wanted) => isSame(object, wanted)))
    .map((object) => ({ what: `${name}: only ours ${describeExpected(object)}`, agreed: false }));
  return theirs.length + extra.length === 0
    ? [{ what: name, agreed: true }]
    : unique([...compared, ...extra]);
}

type Named = Omit<Expected, 'code'>;

function foundBy(
  { policy: id, messages }: Equivalent,
  inputs: readonly string[],
): readonly Named[] {
  const policy = catalogue.find((candidate) => candidate.id === id);
  const resources = inputs.flatMap((input) =>
    readManifests(input, readFileSync(join(folder, input), 'utf8')).resources.map(
      ({ resource }) => resource,
    ),
  );
  return policy === undefined
    ? []
    : findingsOf(policy, resources, {})
        .filter(({ message }) => messages.includes(message))
        .map(({ object }) => object);
}

function isSame(object: Named, wanted: Named): boolean {
  return (
    object.kind === wanted.kind &&
    object.name === wanted.name &&
    (wanted.namespace === null || object.namespace === wanted.namespace)
  );
}

function describeExpected({ kind, namespace, name }: Named): string {
  return `${kind} ${namespace === null ? '' : `${namespace}/`}${name}`;
}

function unique(compared: readonly Compared[]): readonly Compared[] {
  return [...new Map(compared.map((one) => [one.what, one])).values()];
}
