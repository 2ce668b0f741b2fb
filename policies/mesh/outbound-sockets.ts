import { listIn, stringIn, valueIn } from '../core/json.ts';
import type { Resource } from '../core/resource.ts';
import { allocatedAddresses } from './dns-settings.ts';
import type { Consumer } from './consumers.ts';
import { rangeKey, readRange } from './ip.ts';
import { hostKey } from './keys.ts';
import type { Mesh } from './mesh.ts';
import { hasPort, type RegistryService } from './registry.ts';
import { isExternalName, isHeadless } from './services.ts';

/** Where a host listens: an address, or all with an optional match on the destination. */
export interface SocketMatch {
  readonly bind: string;
  /** The masked CIDR that the chain is for; '' for every destination. */
  readonly range: string;
  /** Hosts of several destinations may be here, so that TLS is told apart by SNI; an address of its own needs none. */
  readonly shared: boolean;
}

/** What an egress listener of a Sidecar decides of its sockets. */
export interface ListenerShape {
  /** The address that it binds; undefined where each host binds its own. */
  readonly bind: string | undefined;
  /** It is for one port alone. */
  readonly ownPort: boolean;
}

/** The address of listeners that take every destination of their port. */
export const wildcardBind = '0.0.0.0';

const everywhere: SocketMatch = { bind: wildcardBind, range: '', shared: true };
/** An address that the cluster has yet to give: nothing else binds it. */
const unknown: SocketMatch = { bind: '', range: '', shared: false };
const catchAll: ListenerShape = { bind: undefined, ownPort: false };

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
 * addresses that are yet to be chosen) are left out, since nothing collides there.
 * Source: Istio `pilot/pkg/networking/core/listener.go`, observed.
 */
export function socketsOf(
  service: RegistryService,
  consumer: Consumer,
  mesh: Mesh,
  { bind, ownPort }: ListenerShape = catchAll,
): readonly SocketMatch[] {
  const { resource, protocol } = service;
  if (protocol === 'UDP' || (resource.type === 'Service' && isExternalName(resource))) {
    return [];
  }
  const own = addressesOf(service, consumer, mesh);
  if (bind !== undefined) {
    return own.map((place) => ({
      bind,
      range: '',
      shared: place === everywhere ? bind === wildcardBind : place.shared,
    }));
  }
  if (isHttp(protocol)) {
    return [everywhere];
  }
  const sockets = own[0] === everywhere && !ownPort ? unaddressedSockets(service, mesh) : own;
  return sockets.filter((place) => place !== unknown);
}

function addressesOf(
  service: RegistryService,
  consumer: Consumer,
  mesh: Mesh,
): readonly SocketMatch[] {
  const { resource, host } = service;
  if (resource.type === 'Service') {
    const address = stringIn(resource.object, 'spec', 'clusterIP');
    if (isHeadless(resource)) {
      return [everywhere];
    }
    return address === undefined ? [unknown] : addressSocket(address);
  }
  const declared = listIn(resource.object, 'spec', 'addresses');
  if (declared.length > 0) {
    return declared.flatMap((address) =>
      typeof address === 'string' ? addressSocket(address) : [],
    );
  }
  const allocated = allocatedAddresses(resource, host, consumer.dns, mesh);
  if (allocated === true) {
    return [unknown];
  }
  return allocated.length > 0 ? allocated.flatMap(addressSocket) : [everywhere];
}

function addressSocket(address: string): readonly SocketMatch[] {
  const range = readRange(address);
  if (range === undefined) {
    return [];
  }
  return range.single
    ? [{ bind: address.split('/', 1)[0] ?? address, range: '', shared: false }]
    : [
        {
          bind: wildcardBind,
          range: range.length === 0 ? '' : rangeKey(range),
          shared: true,
        },
      ];
}

/**
 * A headless Service binds its endpoints. NONE binds the endpoints that its host, or its selector, has; a DNS entry of
 * the same host leaves it without any.
 */
function unaddressedSockets(
  { resource, host, port }: RegistryService,
  mesh: Mesh,
): readonly SocketMatch[] {
  if (resource.type === 'Service') {
    return [];
  }
  if ((stringIn(resource.object, 'spec', 'resolution') ?? 'NONE') !== 'NONE') {
    return [everywhere];
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
    : [everywhere];
}

function isDns(entry: Resource): boolean {
  return (stringIn(entry.object, 'spec', 'resolution') ?? '').startsWith('DNS');
}
