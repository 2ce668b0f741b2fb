import { listIn, numberIn, stringIn, valueIn, type Json } from '../core/json.ts';
import { compareAge, compareText, type Resource } from '../core/resource.ts';
import type { Consumer } from './consumers.ts';
import { exportGroup, isDiscovered, type ExportGroup } from './exports.ts';
import { resolveHost } from './hosts.ts';
import { hostKey, portKey } from './keys.ts';
import { atLeastIstio, clusterDomain } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';
import { protocolOfName, servicePortProtocol, type Protocol } from './protocol.ts';
import { hostOf, serviceOfHost } from './services.ts';
import { importsHost, listenerImports, listenerPort, namesHostsExactly } from './sidecar-scope.ts';

/** One host on one port, as istiod knows it: of a Kubernetes Service or of a ServiceEntry. */
export interface RegistryService {
  readonly resource: Resource;
  readonly host: string;
  readonly port: number;
  readonly portIndex: number;
  readonly protocol: Protocol;
  readonly group: ExportGroup;
}

/**
 * The hosts on a port that an egress listener of a consumer's Sidecar imports, in the order in which istiod makes
 * listeners: private before public, then the oldest, then by name (a ServiceEntry's is its host), then by namespace;
 * each host from one namespace only. From 1.31 a listener that names every host exactly knows no groups, and of each
 * host in a namespace only the oldest object.
 * Source: Istio `pilot/pkg/model/push_context.go` and `sidecar.go`, observed. Costs O(objects on the port).
 */
export function registryOnPort(
  port: number,
  listener: Json,
  consumer: Consumer,
  mesh: Mesh,
): readonly RegistryService[] {
  const entries = [...mesh.byKey('ServiceEntry', portKey(port))];
  const services = [...mesh.byKey('Service', portKey(port))];
  const chosen = new Map<string, string | undefined>();
  return [...entries, ...services]
    .flatMap((resource) => servicesFor(resource, port, consumer, mesh))
    .filter((service) => imports(listener, service, consumer, mesh))
    .filter(({ resource, host }) => {
      if (!chosen.has(host)) {
        chosen.set(host, namespaceOfHost(host, listener, consumer, mesh));
      }
      return resource.namespace === chosen.get(host);
    })
    .sort(orderOf(listener, mesh));
}

/** The hosts of an object on a port, as far as a consumer sees it and its Sidecar imports them. */
export function registryServices(
  resource: Resource,
  port: number,
  consumer: Consumer,
  mesh: Mesh,
): readonly RegistryService[] {
  return servicesFor(resource, port, consumer, mesh).filter(({ host }) =>
    importsHost(
      consumer.sidecar,
      consumer.namespace,
      { namespace: resource.namespace, host },
      mesh,
    ),
  );
}

function servicesFor(
  resource: Resource,
  port: number,
  consumer: Consumer,
  mesh: Mesh,
): readonly RegistryService[] {
  const group = exportGroup(resource, consumer.namespace, mesh);
  if (group === undefined || !isDiscovered(resource.namespace, mesh)) {
    return [];
  }
  const ports = listIn(resource.object, 'spec', 'ports');
  const portIndex = ports.findIndex((candidate) => portNumber(candidate) === port);
  if (portIndex < 0) {
    return [];
  }
  const protocol = protocolOf(resource, ports[portIndex]);
  return hostsOf(resource, mesh).map((host) => ({
    resource,
    host,
    port,
    portIndex,
    protocol,
    group,
  }));
}

/** The hosts that a Service or ServiceEntry defines. */
export function hostsOf(resource: Resource, mesh: Mesh): readonly string[] {
  if (resource.type === 'Service') {
    return [hostOf(resource, mesh)];
  }
  return listIn(resource.object, 'spec', 'hosts').flatMap((host) =>
    typeof host === 'string' ? [resolveHost(host, resource.namespace, clusterDomain(mesh))] : [],
  );
}

/** The protocol of a port of a Service (by its rules) or ServiceEntry (by its word; unknown words are refused by Istio). */
export function protocolOf(resource: Resource, port: Json | undefined): Protocol {
  if (resource.type === 'Service') {
    return servicePortProtocol(port);
  }
  return protocolOfName(stringIn(port, 'protocol') ?? '') ?? 'sniffed';
}

/** The number of a port of a Service or ServiceEntry. */
export function portNumber(port: Json | undefined): number | undefined {
  return numberIn(port, 'port') ?? numberIn(port, 'number');
}

/**
 * The namespace from which an egress listener takes a host that several define: the consumer's own, else a Kubernetes
 * Service's, else the first in the registry's order; of those alone that it imports.
 */
function namespaceOfHost(
  host: string,
  listener: Json,
  consumer: Consumer,
  mesh: Mesh,
): string | undefined {
  const service = serviceOfHost(host, mesh);
  const port = listenerPort(listener);
  const definitions = [
    ...mesh.byKey('ServiceEntry', hostKey('', host)),
    ...(service === undefined ? [] : [service]),
  ].flatMap((resource) => {
    const group = exportGroup(resource, consumer.namespace, mesh);
    const counts = group !== undefined && (port === undefined || hasPort(resource, port));
    return counts && imports(listener, { resource, host }, consumer, mesh)
      ? [{ resource, host, group }]
      : [];
  });
  const ordered = definitions.sort(orderOf(listener, mesh)).map(({ resource }) => resource);
  const chosen =
    ordered.find(({ namespace }) => namespace === consumer.namespace) ??
    ordered.find(({ type }) => type === 'Service') ??
    ordered[0];
  return chosen?.namespace;
}

function imports(
  listener: Json,
  { resource, host }: Pick<RegistryService, 'resource' | 'host'>,
  consumer: Consumer,
  mesh: Mesh,
): boolean {
  const target = { namespace: resource.namespace, host };
  return (
    listenerImports(listener, consumer.namespace, target, mesh) &&
    (!isExact(listener, mesh) || resource === oldestOf(host, resource.namespace, mesh))
  );
}

function orderOf(listener: Json, mesh: Mesh): typeof compareRegistryOrder {
  return isExact(listener, mesh) ? compareRegistryAge : compareRegistryOrder;
}

function isExact(listener: Json, mesh: Mesh): boolean {
  return atLeastIstio(mesh, 1, 31) && namesHostsExactly(listener);
}

/** What istiod knows by host and namespace: a Kubernetes Service, else the oldest entry, whoever sees it. */
function oldestOf(host: string, namespace: string, mesh: Mesh): Resource | undefined {
  const service = serviceOfHost(host, mesh);
  return service?.namespace === namespace
    ? service
    : [...mesh.byKey('ServiceEntry', hostKey(namespace, host))].sort(compareAge)[0];
}

/** Whether a Service or ServiceEntry has a port. */
export function hasPort(resource: Resource, port: number): boolean {
  return listIn(resource.object, 'spec', 'ports').some(
    (candidate) => portNumber(candidate) === port,
  );
}

/** Orders hosts as istiod does when it makes listeners. */
export function compareRegistryOrder(
  left: Pick<RegistryService, 'resource' | 'host' | 'group'>,
  right: Pick<RegistryService, 'resource' | 'host' | 'group'>,
): number {
  return compareText(left.group, right.group) || compareRegistryAge(left, right);
}

function compareRegistryAge(
  left: Pick<RegistryService, 'resource' | 'host'>,
  right: Pick<RegistryService, 'resource' | 'host'>,
): number {
  return (
    compareText(createdAt(left.resource), createdAt(right.resource)) ||
    compareText(registryName(left), registryName(right)) ||
    compareText(left.resource.namespace, right.resource.namespace)
  );
}

function createdAt(resource: Resource): string {
  const time = valueIn(resource.object, 'metadata', 'creationTimestamp');
  return typeof time === 'string' ? time : '~';
}

function registryName({ resource, host }: Pick<RegistryService, 'resource' | 'host'>): string {
  return resource.type === 'Service' ? resource.name : host;
}
