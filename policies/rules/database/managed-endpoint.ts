import * as z from 'zod';
import { listIn, numberIn, stringIn } from '../../core/json.ts';
import { pointer } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import type { Resource } from '../../core/resource.ts';
import type { DatabaseKind } from '../../mesh/database-kinds.ts';
import {
  databaseOfPort,
  databasesOf,
  databasesParam,
  declaresRequests,
} from '../../mesh/databases.ts';
import type { Databases } from '../../mesh/database-index.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import { allocatedAddresses, dnsSettingsOf } from '../../mesh/dns-settings.ts';
import { entryPortProtocol } from '../../mesh/entry-protocol.ts';
import { isWildcardHost } from '../../mesh/hosts.ts';
import { readRange } from '../../mesh/ip.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import {
  entryPortsOf,
  isMeshExternal,
  tlsOrigination,
  type TlsProblem,
} from '../../mesh/tls-origination.ts';
import { managedEndpointExamples } from './managed-endpoint.examples.ts';

const params = z.object({ databases: databasesParam });
type MessageId =
  TlsProblem | 'tls-before-greeting' | 'tls-upgraded-later' | 'any-address' | 'refused-beside';

/** A database outside the mesh must be reachable by a protocol it speaks, and its TLS must verify something. */
export const managedEndpoint = definePolicy<typeof params, MessageId>({
  id: 'database/managed-endpoint',
  title: 'Managed databases are reached by a protocol that they speak, and their TLS is verified',
  why: 'For TCP, Istio starts TLS without a name check and without SNI unless it is told the names, and with a credentialName but no workloadSelector it starts none at all: the password of the database crosses the network in plaintext, silently. PostgreSQL, MySQL and SQL Server start TLS inside a connection that begins in plaintext, which a port with protocol TLS never recognises.',
  sources: [
    'https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings',
    'Istio pilot/pkg/networking/core/cluster_tls.go',
    'https://istio.io/latest/docs/tasks/traffic-management/egress/egress-tls-origination/',
  ],
  severity: 'error',
  subjects: ['ServiceEntry', 'DestinationRule'],
  consults: ['ServiceEntry', 'ConfigMap'],
  cost: 'O(ServiceEntries of the host); for a wildcard rule O(ServiceEntries of its namespace).',
  params,
  messages: {
    'credential-without-selector': {
      text: 'tls mode {mode} for {host} port {port} ({database}) takes its certificates from credentialName {credential}, which sidecars read only where the rule has a workloadSelector: without one they send plaintext, silently.',
      remedy:
        'Add spec.workloadSelector.matchLabels with the labels of the clients, or name the files by caCertificates.',
    },
    'port-level-drops-tls': {
      text: 'portLevelSettings for port {port} have no tls, and they replace the whole trafficPolicy: connections to {host} ({database}) go in plaintext, in spite of tls mode {mode} above.',
      remedy: 'Repeat the tls block within the portLevelSettings of port {port}.',
    },
    'mesh-certificate': {
      text: 'tls mode ISTIO_MUTUAL offers the certificate of the mesh to {host} port {port} ({database}), which is outside the mesh, and trusts only the root of the mesh: the handshake fails.',
      remedy:
        'Set mode SIMPLE with sni, subjectAltNames and caCertificates, or MUTUAL with a certificate that the database knows.',
    },
    'skips-verification': {
      text: 'insecureSkipVerify for {host} port {port} ({database}) verifies nothing: anyone on the way can read and answer.',
      remedy: 'Remove it; set caCertificates and subjectAltNames.',
    },
    'name-unchecked': {
      text: 'tls mode {mode} for {host} port {port} ({database}) verifies the chain against {roots} but no name, {sni}: every certificate of these roots is accepted; by itself Istio checks names for HTTP only.',
      remedy:
        'Set subjectAltNames: [{host}] and sni: {host}, here or, for the names, in the ServiceEntry.',
    },
    'tls-before-greeting': {
      text: 'Port {port} has protocol {protocol}, so the proxy waits for a TLS hello, but {database} speaks first and starts TLS later: the connection waits for ever.',
      remedy: 'Set protocol: TCP, and give the ServiceEntry an address of its own.',
    },
    'tls-upgraded-later': {
      text: 'Port {port} has protocol {protocol}, so the proxy looks for a TLS hello and its SNI, but clients of {database} begin in plaintext and start TLS later: such a connection never matches {host}.',
      remedy:
        'Set protocol: TCP and give the ServiceEntry an address of its own, unless every client starts with TLS at once.',
    },
    'any-address': {
      text: 'Port {port} ({database}) has resolution NONE and no addresses: the proxy takes connections to this port at any address for {host}, and lets them all out, under REGISTRY_ONLY too.',
      remedy: 'Set resolution: DNS, or list the addresses.',
    },
    'refused-beside': {
      text: 'insecureSkipVerify stands beside {field}, so Istio refuses the DestinationRule.',
      remedy: 'Remove insecureSkipVerify.',
    },
  },
  equivalents: [
    {
      tool: 'istioctl',
      code: 'IST0128',
      note: 'ours asks for what is missing, the name check, and is silent where it holds',
    },
    { tool: 'istioctl', code: 'IST0129', note: 'ours resolves which block counts for the port' },
  ],
  check({ resource }, mesh, { databases: extra }) {
    const databases = databasesOf(extra);
    return resource.type === 'DestinationRule'
      ? ruleReports(resource, databases, mesh)
      : entryReports(resource, databases, mesh);
  },
  examples: managedEndpointExamples,
});

function ruleReports(
  rule: Resource,
  databases: Databases,
  mesh: Mesh,
): readonly Report<MessageId>[] {
  const reports: Report<MessageId>[] = [];
  for (const target of entryPortsOf(rule, mesh)) {
    const kind = databaseOfPort(target.port, databases);
    const found =
      kind === undefined || declaresRequests(target.protocol)
        ? undefined
        : tlsOrigination(rule, target);
    if (kind === undefined || found === undefined) {
      continue;
    }
    const data = { host: target.host, port: target.number, database: kind.name, mode: found.mode };
    const beside = found.problem === 'skips-verification' ? fieldBeside(found.tls) : undefined;
    reports.push({
      message: beside === undefined ? found.problem : 'refused-beside',
      severity: found.problem === 'name-unchecked' ? 'warning' : 'error',
      at: found.at,
      data: {
        ...data,
        ...(beside === undefined ? {} : { field: beside }),
        credential: stringIn(found.tls, 'credentialName') ?? '',
        roots: rootsOf(found.tls),
        sni: stringIn(found.tls, 'sni') === undefined ? 'and sends no SNI' : 'though it sends SNI',
      },
    });
  }
  return distinct(reports);
}

function entryReports(
  entry: Resource,
  databases: Databases,
  mesh: Mesh,
): readonly Report<MessageId>[] {
  if (!isMeshExternal(entry)) {
    return [];
  }
  const host = listIn(entry.object, 'spec', 'hosts').find((name) => typeof name === 'string');
  return listIn(entry.object, 'spec', 'ports').flatMap((port, index) => {
    const kind = databaseOfPort(port, databases);
    const protocol = entryPortProtocol(port);
    const message = kind && messageFor(entry, kind, protocol, mesh);
    const data = {
      port: numberIn(port, 'number') ?? 0,
      protocol,
      database: kind?.name ?? '',
      host: host ?? '',
    };
    const severity = message === 'tls-before-greeting' ? 'error' : 'warning';
    return message === undefined
      ? []
      : [{ message, severity, at: pointer('spec', 'ports', index), data }];
  });
}

function messageFor(
  entry: Resource,
  kind: DatabaseKind,
  protocol: string,
  mesh: Mesh,
): MessageId | undefined {
  if (declaresRequests(protocol)) {
    return undefined;
  }
  if (protocol !== 'TLS' && protocol !== 'HTTPS') {
    return opensPort(entry) ? 'any-address' : undefined;
  }
  if (!matchesBySni(entry, mesh)) {
    return undefined;
  }
  if (kind.serverFirst === true) {
    return 'tls-before-greeting';
  }
  return kind.upgradesToTls ? 'tls-upgraded-later' : undefined;
}

/** On an address of its own a TLS port is passed on as raw bytes; elsewhere its SNI decides. */
function matchesBySni(entry: Resource, mesh: Mesh): boolean {
  const addresses = listIn(entry.object, 'spec', 'addresses');
  if (addresses.length > 0) {
    return addresses.some((text) => typeof text !== 'string' || readRange(text)?.single !== true);
  }
  const [host] = listIn(entry.object, 'spec', 'hosts');
  const dns = dnsSettingsOf(undefined, mesh);
  const allocated = allocatedAddresses(
    entry,
    typeof host === 'string' ? host.toLowerCase() : '',
    dns,
    mesh,
  );
  return allocated !== true && allocated.length === 0;
}

/** Resolution NONE, which is the default, without addresses or workloads opens the port to every address. */
function opensPort(entry: Resource): boolean {
  const [host] = listIn(entry.object, 'spec', 'hosts');
  return (
    (stringIn(entry.object, 'spec', 'resolution') ?? 'NONE') === 'NONE' &&
    listIn(entry.object, 'spec', 'addresses').length === 0 &&
    typeof host === 'string' &&
    !isWildcardHost(host)
  );
}

function rootsOf(tls: unknown): string {
  const file = stringIn(tls, 'caCertificates') ?? '';
  const credential = stringIn(tls, 'credentialName') ?? '';
  if (file !== '') {
    return file;
  }
  return credential === '' ? 'the system roots' : `secret ${credential}`;
}

function fieldBeside(tls: unknown): string | undefined {
  if (listIn(tls, 'subjectAltNames').length > 0) {
    return 'subjectAltNames';
  }
  return ['caCertificates', 'credentialName'].find((field) => (stringIn(tls, field) ?? '') !== '');
}

/** Several entries for one host and port say the same of the rule. */
function distinct(reports: readonly Report<MessageId>[]): readonly Report<MessageId>[] {
  const seen = new Set<string>();
  return reports.filter(({ message, at, data }) => {
    const key = JSON.stringify([message, at, data?.['host'], data?.['port']]);
    return !seen.has(key) && seen.add(key);
  });
}
