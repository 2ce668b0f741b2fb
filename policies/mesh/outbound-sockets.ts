import { listIn, stringIn, valueIn } from '../core/json.ts';
import type { Resource } from '../core/resource.ts';
import { allocatedAddresses } from './dns-settings.ts';
import type { Consumer } from './consumers.ts';
import { rangeKey, readRange } from './ip.ts';
import { hostKey } from './keys.ts';
import type { Mesh } from './mesh.ts';
import { portNumber, type RegistryService } from './registry.ts';
import { isHeadless } from './services.ts';

/** Where a host listens: an address, or all with an optional match on the destination. */
export interface SocketMatch {
  readonly bind: string;
  /** The masked CIDR that the chain is for; '' for every destination. */
  readonly range: string;
}

/** The address of listeners that take every destination of their port. */
export const wildcardBind = '0.0.0.0';

const httpProtocols: ReadonlySet<string> = new Set([
  'HTTP',
  'HTTP2',
  'GRPC',
  'GRPC-Web',
  'HTTP_PROXY',
]);

/** Whether a protocol is HTTP, so that its listener tells hosts apart by the Host header. */
export function isHttp(protocol: string): boolean {
  return httpProtocols.has(protocol);
}

/**
 * The sockets of a host on its port for a consumer. Sockets that nobody else can have (endpoints of headless Services,
 * addresses that istiod has yet to choose) are left out, since nothing collides there.
 * Source: Istio `pilot/pkg/networking/core/listener.go`, observed.
 */
export function socketsOf(
  service: RegistryService,
  consumer: Consumer,
  mesh: Mesh,
): readonly SocketMatch[] {
  if (service.protocol === 'UDP') {
    return [];
  }
  if (service.resource.type === 'Service') {
    return serviceSockets(service);
  }
  if (isHttp(service.protocol)) {
    return [{ bind: wildcardBind, range: '' }];
  }
  const declared = listIn(service.resource.object, 'spec', 'addresses');
  if (declared.length > 0) {
    return declared.flatMap((address) =>
      typeof address === 'string' ? addressSocket(address) : [],
    );
  }
  const allocated = allocatedAddresses(service.resource, service.host, consumer.dns, mesh);
  if (allocated === true) {
    return [];
  }
  return allocated.length > 0
    ? allocated.flatMap(addressSocket)
    : unaddressedSockets(service, mesh);
}

function serviceSockets({ resource, protocol }: RegistryService): readonly SocketMatch[] {
  if (stringIn(resource.object, 'spec', 'type') === 'ExternalName') {
    return [];
  }
  if (isHttp(protocol)) {
    return [{ bind: wildcardBind, range: '' }];
  }
  const address = stringIn(resource.object, 'spec', 'clusterIP');
  return address === undefined || isHeadless(resource) ? [] : addressSocket(address);
}

function addressSocket(address: string): readonly SocketMatch[] {
  const range = readRange(address);
  if (range === undefined) {
    return [];
  }
  return range.single
    ? [{ bind: address.split('/', 1)[0] ?? address, range: '' }]
    : [{ bind: wildcardBind, range: range.length === 0 ? '' : rangeKey(range) }];
}

/** NONE binds the endpoints that its host, or its selector, has; a DNS entry of the same host leaves it without any. */
function unaddressedSockets(
  { resource, host, port }: RegistryService,
  mesh: Mesh,
): readonly SocketMatch[] {
  const everything = [{ bind: wildcardBind, range: '' }];
  if ((stringIn(resource.object, 'spec', 'resolution') ?? 'NONE') !== 'NONE') {
    return everything;
  }
  if (valueIn(resource.object, 'spec', 'workloadSelector') !== undefined) {
    return [];
  }
  const twins = [...mesh.byKey('ServiceEntry', hostKey(resource.namespace, host))].filter(
    (twin) => twin !== resource && hasPort(twin, port),
  );
  const endpoints = twins.flatMap((twin) => listIn(twin.object, 'spec', 'endpoints'));
  return twins.some(isDns) || endpoints.length > 0
    ? endpoints.flatMap((endpoint) => addressSocket(stringIn(endpoint, 'address') ?? ''))
    : everything;
}

function hasPort(entry: Resource, port: number): boolean {
  return listIn(entry.object, 'spec', 'ports').some((candidate) => portNumber(candidate) === port);
}

function isDns(entry: Resource): boolean {
  return (stringIn(entry.object, 'spec', 'resolution') ?? '').startsWith('DNS');
}
