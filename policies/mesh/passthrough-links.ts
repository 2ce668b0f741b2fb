import type { Json } from '../core/json.ts';
import type { Pointer } from '../core/pointer.ts';
import type { Resource } from '../core/resource.ts';

/** What can be wrong with the way of a host through an egress gateway. */
export type LinkName =
  | 'not-bound-to-mesh'
  | 'no-mesh-route'
  | 'mesh-port-not-in-entry'
  | 'no-service-entry'
  | 'entry-hidden-from-clients'
  | 'entry-not-tls'
  | 'gateway-service-port'
  | 'mesh-port-misses-server'
  | 'gateway-unknown'
  | 'no-gateway-route'
  | 'gateway-port-differs'
  | 'server-host-differs'
  | 'server-not-passthrough'
  | 'routes-never-read'
  | 'hidden-from-gateway'
  | 'gateway-selects-other-pods'
  | 'gateway-to-itself'
  | 'entry-hidden-from-gateway'
  | 'entry-without-endpoints'
  | 'destination-unknown'
  | 'destination-port-unknown';

/** A link that is missing or does not fit, on the object whose author has to act. */
export interface BrokenLink {
  readonly object: Resource;
  readonly link: LinkName;
  readonly at: Pointer;
  readonly data: Readonly<Record<string, Json>>;
  readonly assumes?: readonly string[];
}
