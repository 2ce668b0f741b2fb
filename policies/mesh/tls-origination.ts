import {
  listIn,
  numberIn,
  objectIn,
  stringIn,
  valueIn,
  type Json,
  type JsonObject,
} from '../core/json.ts';
import { extendPointer, pointer, type Pointer } from '../core/pointer.ts';
import type { Resource } from '../core/resource.ts';
import { tlsPointer } from './client-tls.ts';
import { isForSelectedClients, portPolicy, ruleHost } from './destination-rules.ts';
import { entryPortProtocol } from './entry-protocol.ts';
import { hostMatches, isWildcardHost, resolveHost } from './hosts.ts';
import { hostKey } from './keys.ts';
import { clusterDomain } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';
import type { Protocol } from './protocol.ts';

/** A ServiceEntry's port as a DestinationRule sees it. */
export interface EntryPort {
  readonly entry: Resource;
  readonly host: string;
  readonly port: Json;
  readonly number: number;
  readonly protocol: Protocol | 'unsupported';
}

/** What TLS a sidecar starts towards a port outside the mesh because of a DestinationRule, and what it leaves out. */
export interface TlsOrigination {
  readonly target: EntryPort;
  readonly at: Pointer;
  /** The `tls` block that counts; undefined where port-level settings without one replace it. */
  readonly tls: JsonObject | undefined;
  readonly mode: string;
  readonly problem: TlsProblem;
}

/** What of a TLS origination does not hold; see the policy's messages. */
export type TlsProblem =
  | 'credential-without-selector'
  | 'port-level-drops-tls'
  | 'mesh-certificate'
  | 'skips-verification'
  | 'name-unchecked';

/** The ports of the ServiceEntries whose host a rule names; for a wildcard, those of the rule's own namespace. */
export function entryPortsOf(rule: Resource, mesh: Mesh): readonly EntryPort[] {
  const host = ruleHost(rule, mesh);
  const entries = isWildcardHost(host)
    ? [...mesh.inNamespace('ServiceEntry', rule.namespace)]
    : [...mesh.byKey('ServiceEntry', hostKey('', host))];
  return entries
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((entry) =>
      listIn(entry.object, 'spec', 'hosts').flatMap((written) => {
        const own =
          typeof written === 'string'
            ? resolveHost(written, entry.namespace, clusterDomain(mesh))
            : '';
        return own !== '' && hostMatches(host, own) ? portsOfEntry(entry, own) : [];
      }),
    );
}

/** The ports of a ServiceEntry for one of its hosts. */
function portsOfEntry(entry: Resource, host: string): readonly EntryPort[] {
  return listIn(entry.object, 'spec', 'ports').map((port) => ({
    entry,
    host,
    port,
    number: numberIn(port, 'number') ?? 0,
    protocol: entryPortProtocol(port),
  }));
}

/** Whether a ServiceEntry is outside the mesh, which is its default. */
export function isMeshExternal(entry: Resource): boolean {
  return stringIn(entry.object, 'spec', 'location') !== 'MESH_INTERNAL';
}

/**
 * What is wrong with the TLS that a rule makes sidecars start towards a port: nothing is verified, or nothing is
 * encrypted. Undefined where it holds, or is not asked for. Source: observed; Istio `cluster_tls.go`.
 */
export function tlsOrigination(rule: Resource, target: EntryPort): TlsOrigination | undefined {
  const trafficPolicy = objectIn(rule.object, 'spec', 'trafficPolicy');
  const policy = portPolicy(trafficPolicy, undefined, target.number);
  const declared = valueIn(policy, 'tls');
  const tls = declared === undefined ? undefined : objectIn(policy, 'tls');
  const at = tlsPointer(trafficPolicy, target.number);
  if (tls === undefined) {
    const top = stringIn(trafficPolicy, 'tls', 'mode') ?? 'DISABLE';
    return top === 'DISABLE' || stringIn(trafficPolicy, 'tls', 'mode') === undefined
      ? undefined
      : { target, at: parentOf(at), tls, mode: top, problem: 'port-level-drops-tls' };
  }
  const mode = stringIn(tls, 'mode') ?? 'DISABLE';
  const found = problemOf(rule, target, tls, mode);
  return found === undefined
    ? undefined
    : { target, tls, mode, problem: found.problem, at: extendPointer(at, found.field) };
}

function problemOf(
  rule: Resource,
  target: EntryPort,
  tls: JsonObject,
  mode: string,
): { readonly problem: TlsProblem; readonly field: string } | undefined {
  if (mode === 'ISTIO_MUTUAL') {
    return isMeshExternal(target.entry)
      ? { problem: 'mesh-certificate', field: 'mode' }
      : undefined;
  }
  if (mode !== 'SIMPLE' && mode !== 'MUTUAL') {
    return undefined;
  }
  if ((stringIn(tls, 'credentialName') ?? '') !== '' && !isForSelectedClients(rule)) {
    return { problem: 'credential-without-selector', field: 'credentialName' };
  }
  if (tls['insecureSkipVerify'] === true) {
    return { problem: 'skips-verification', field: 'insecureSkipVerify' };
  }
  const names = [
    ...listIn(tls, 'subjectAltNames'),
    ...listIn(target.entry.object, 'spec', 'subjectAltNames'),
  ];
  return names.length === 0 ? { problem: 'name-unchecked', field: 'mode' } : undefined;
}

function parentOf(at: Pointer): Pointer {
  return at.endsWith('/tls') ? (at.slice(0, -'/tls'.length) as Pointer) : pointer('spec');
}
