import type { Json } from '../core/json.ts';
import type { Pointer } from '../core/pointer.ts';

/** A rule of Istio's own validation, which the API server's schema does not know. */
export type EntryProblemName =
  | 'hosts-share-tcp-port'
  | 'host-refused'
  | 'partial-wildcard'
  | 'wildcard-without-endpoints'
  | 'unknown-protocol'
  | 'port-refused'
  | 'no-ports'
  | 'address-refused'
  | 'range-needs-static'
  | 'endpoints-ignored-by-none'
  | 'round-robin-endpoints'
  | 'dynamic-dns-refused'
  | 'endpoints-and-selector'
  | 'selector-refused'
  | 'endpoint-refused';

/** What Istio refuses or ignores, at a field. */
export interface EntryProblem {
  readonly problem: EntryProblemName;
  readonly at: Pointer;
  readonly data: Readonly<Record<string, Json>>;
}
