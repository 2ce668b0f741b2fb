import { listIn, stringIn, stringMapIn, valueIn, type Json } from '../core/json.ts';
import { compareAge, type Resource } from '../core/resource.ts';
import { hostMatches } from './hosts.ts';
import { matchesLabels, type Labels } from './labels.ts';
import { atLeastIstio, meshWideNamespace } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';
import { protocolOfName, type Protocol } from './protocol.ts';

/** A proxy as far as visibility goes. */
export interface ScopedClient {
  readonly namespace: string;
  readonly labels: Labels;
}

/** A host with the namespace of the object that defines it. */
export interface NamespacedHost {
  readonly namespace: string;
  readonly host: string;
}

/**
 * The Sidecar that governs a proxy: one whose selector matches in its namespace, then one without selector there, then
 * one without selector in the root namespace; of several the oldest. Nothing is merged. An empty selector counts as a
 * selector. Source: Istio `pilot/pkg/model/sidecar.go`, observed.
 */
export function sidecarFor(client: ScopedClient, mesh: Mesh): Resource | undefined {
  const root = meshWideNamespace(mesh);
  const declared = mesh.inNamespace('Sidecar', client.namespace);
  if (declared.size === 0 && mesh.inNamespace('Sidecar', root).size === 0) {
    return undefined;
  }
  const own = [...declared].sort(compareAge);
  const selecting =
    client.namespace === root
      ? undefined
      : own.find(
          (sidecar) =>
            hasSelector(sidecar) &&
            matchesLabels(
              stringMapIn(sidecar.object, 'spec', 'workloadSelector', 'labels'),
              client.labels,
            ),
        );
  const plain = own.find((sidecar) => !hasSelector(sidecar));
  return (
    selecting ??
    plain ??
    [...mesh.inNamespace('Sidecar', root)].sort(compareAge).find((sidecar) => !hasSelector(sidecar))
  );
}

/** Whether a Sidecar has a workloadSelector, be it an empty one. */
export function hasSelector(sidecar: Resource): boolean {
  return valueIn(sidecar.object, 'spec', 'workloadSelector') !== undefined;
}

/** The egress listeners of a proxy's Sidecar; one catch-all that imports everything where there is none. */
export function egressListeners(sidecar: Resource | undefined): readonly Json[] {
  const declared = listIn(sidecar?.object, 'spec', 'egress');
  return declared.length > 0 ? declared : [{ hosts: ['*/*'] }];
}

/** Whether one egress listener imports a host of a Service or ServiceEntry, exclusions (`~ns/host`, from 1.31) taken away. */
export function listenerImports(
  listener: Json,
  clientNamespace: string,
  target: NamespacedHost,
  mesh: Mesh,
): boolean {
  return importsBy(listener, clientNamespace, target, mesh, hostMatches);
}

/** Whether one egress listener imports a VirtualService by its host: a wildcard that is wider than the import counts too. */
export function listenerImportsRoute(
  listener: Json,
  clientNamespace: string,
  target: NamespacedHost,
  mesh: Mesh,
): boolean {
  return importsBy(listener, clientNamespace, target, mesh, hostsOverlap);
}

/** Whether a Sidecar lets a proxy see a host through any of its listeners. */
export function importsHost(
  sidecar: Resource | undefined,
  clientNamespace: string,
  target: NamespacedHost,
  mesh: Mesh,
): boolean {
  return egressListeners(sidecar).some((listener) =>
    listenerImports(listener, clientNamespace, target, mesh),
  );
}

/** Whether a Sidecar lets a proxy see a VirtualService, by its namespace and host, through any of its listeners. */
export function importsRoute(
  sidecar: Resource | undefined,
  clientNamespace: string,
  target: NamespacedHost,
  mesh: Mesh,
): boolean {
  return egressListeners(sidecar).some((listener) =>
    listenerImportsRoute(listener, clientNamespace, target, mesh),
  );
}

/** Whether an egress listener names every host, and its namespace, without a wildcard. */
export function namesHostsExactly(listener: Json): boolean {
  return listIn(listener, 'hosts').every(
    (entry) => typeof entry === 'string' && (entry.startsWith('~') || !/^\*|\/\*/u.test(entry)),
  );
}

/** The port number of an egress listener; undefined for the catch-all. */
export function listenerPort(listener: Json): number | undefined {
  const port = valueIn(listener, 'port', 'number');
  return typeof port === 'number' ? port : undefined;
}

/** The protocol that an egress listener with a port declares; undefined where it leaves it to its hosts. */
export function listenerProtocol(listener: Json): Protocol | undefined {
  const word = stringIn(listener, 'port', 'protocol');
  return word === undefined ? undefined : protocolOfName(word);
}

/** The address that an egress listener binds, loopback where nothing is captured; undefined where hosts bind their own. */
export function listenerBind(listener: Json): string | undefined {
  const bind = stringIn(listener, 'bind');
  if (bind !== undefined && bind !== '') {
    return bind;
  }
  return stringIn(listener, 'captureMode') === 'NONE' ? '127.0.0.1' : undefined;
}

type HostComparison = (pattern: string, host: string) => boolean;

function importsBy(
  listener: Json,
  clientNamespace: string,
  target: NamespacedHost,
  mesh: Mesh,
  compare: HostComparison,
): boolean {
  const hosts = listIn(listener, 'hosts').filter(
    (host): host is string => typeof host === 'string',
  );
  if (hosts.includes('~/*')) {
    return false;
  }
  const excluded = hosts.filter((entry) => entry.startsWith('~') && !entry.startsWith('~/'));
  if (
    atLeastIstio(mesh, 1, 31) &&
    excluded.some((entry) => entryMatches(entry.slice(1), clientNamespace, target, hostMatches))
  ) {
    return false;
  }
  return hosts.some(
    (entry) => !entry.startsWith('~') && entryMatches(entry, clientNamespace, target, compare),
  );
}

function entryMatches(
  entry: string,
  clientNamespace: string,
  target: NamespacedHost,
  compare: HostComparison,
): boolean {
  const slash = entry.indexOf('/');
  const namespace = slash < 0 ? '*' : entry.slice(0, slash);
  const pattern = (slash < 0 ? entry : entry.slice(slash + 1)).toLowerCase();
  const inNamespace =
    namespace === '*' || (namespace === '.' ? clientNamespace : namespace) === target.namespace;
  return inNamespace && compare(pattern, target.host);
}

function hostsOverlap(pattern: string, host: string): boolean {
  return hostMatches(pattern, host) || hostMatches(host, pattern);
}
