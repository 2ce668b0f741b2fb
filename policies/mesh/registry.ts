import { listIn, numberIn, stringIn, valueIn, type Json } from '../core/json.ts';
import { compareText, type Resource } from '../core/resource.ts';
import type { Consumer } from './consumers.ts';
import { exportGroup, isDiscovered, type ExportGroup } from './exports.ts';
import { resolveHost } from './hosts.ts';
import { hostKey, portKey } from './keys.ts';
import { clusterDomain } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';
import { protocolOfName, servicePortProtocol, type Protocol } from './protocol.ts';
import { hostOf } from './services.ts';
import { importsHost } from './sidecar-scope.ts';

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
 * The hosts on a port that a consumer sees, in the order in which istiod makes listeners: private before public, then
 * the oldest, then by name (a ServiceEntry's is its host), then by namespace; each host from one namespace only.
 * Source: Istio `pilot/pkg/model/push_context.go`, observed. Costs O(objects on the port).
 */
export function registryOnPort(
  port: number,
  consumer: Consumer,
  mesh: Mesh,
): readonly RegistryService[] {
  const entries = [...mesh.byKey('ServiceEntry', portKey(port))];
  const services = [...mesh.byKey('Service', portKey(port))];
  return [...entries, ...services]
    .flatMap((resource) => registryServices(resource, port, consumer, mesh))
    .filter(({ resource, host }) => resource.namespace === namespaceOfHost(host, consumer, mesh))
    .sort(compareRegistryOrder);
}

/** The hosts of an object on a port, as far as a consumer sees it and its Sidecar imports them. */
export function registryServices(
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
  return hostsOf(resource, mesh)
    .filter((host) =>
      importsHost(
        consumer.sidecar,
        consumer.namespace,
        { namespace: resource.namespace, host },
        mesh,
      ),
    )
    .map((host) => ({ resource, host, port, portIndex, protocol, group }));
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
 * The namespace from which a consumer takes a host that several define: its own, else a Kubernetes Service's, else the
 * first in the registry's order.
 */
function namespaceOfHost(host: string, consumer: Consumer, mesh: Mesh): string | undefined {
  const suffix = `.svc.${clusterDomain(mesh)}`;
  const owner = host.endsWith(suffix) ? host.slice(0, -suffix.length).split('.')[1] : undefined;
  const entries = [...mesh.byKey('ServiceEntry', hostKey('', host))].filter(
    (entry) =>
      exportGroup(entry, consumer.namespace, mesh) !== undefined &&
      importsHost(consumer.sidecar, consumer.namespace, { namespace: entry.namespace, host }, mesh),
  );
  if (entries.some(({ namespace }) => namespace === consumer.namespace)) {
    return consumer.namespace;
  }
  if (owner !== undefined) {
    return owner;
  }
  const ordered = entries.flatMap((resource) => {
    const group = exportGroup(resource, consumer.namespace, mesh);
    return group === undefined ? [] : [{ resource, host, group }];
  });
  return ordered.sort(compareRegistryOrder)[0]?.resource.namespace;
}

/** Orders hosts as istiod does when it makes listeners. */
export function compareRegistryOrder(
  left: Pick<RegistryService, 'resource' | 'host' | 'group'>,
  right: Pick<RegistryService, 'resource' | 'host' | 'group'>,
): number {
  return (
    compareText(left.group, right.group) ||
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
