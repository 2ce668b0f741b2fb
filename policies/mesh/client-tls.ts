import { numberIn, objectIn, stringIn, valueIn, type Json } from '../core/json.ts';
import { extendPointer, pointer, type Pointer } from '../core/pointer.ts';
import type { Resource } from '../core/resource.ts';
import type { ClientView } from './clients.ts';
import { effectiveRule, portLevelPointer, portPolicy } from './destination-rules.ts';
import type { EndpointTls } from './endpoint-tls.ts';
import { meshConfig, protoMember } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';
import { namespaceMtls } from './mtls.ts';
import { hostOf, isHeadless } from './services.ts';

/** What clients with a sidecar send to a Service's port, and what decides it. */
export interface ClientTls {
  /** `per-endpoint`: Istio's TLS to the Pods that offer it, plaintext to the others. `tls`: a TLS of their own. */
  readonly sends: 'istio' | 'plaintext' | 'tls' | 'per-endpoint';
  /** `mixed`: one socket for all Pods, of which some offer no TLS; `namespace`: its policy says DISABLE. */
  readonly why: 'rule' | 'auto-mtls-off' | 'auto' | 'mixed' | 'namespace';
  /** The DestinationRule that decides, and where. */
  readonly rule?: Resource;
  readonly at?: Pointer;
}

/** Whether the mesh config leaves `enableAutoMtls` on. */
export function usesAutoMtls(mesh: Mesh): boolean {
  return protoMember(meshConfig(mesh), 'enableAutoMtls') !== false;
}

/**
 * What clients of a view send: a DestinationRule's `tls` beats everything; without it plaintext where auto mTLS is off,
 * else by endpoint. Headless Services and load balancing PASSTHROUGH have one socket for all endpoints, and see the
 * policies of the namespace and the mesh only. Source: Istio `BestEffortInferServiceMTLSMode`, observed.
 */
export function clientTls(
  service: Resource,
  port: Json,
  view: ClientView,
  endpoints: readonly EndpointTls[],
  mesh: Mesh,
): ClientTls | undefined {
  const rule = effectiveRule(hostOf(service, mesh), service.namespace, view.namespace, mesh);
  const number = numberIn(port, 'port') ?? 0;
  const policy = portPolicy(rule?.trafficPolicy, undefined, number);
  const declared = valueIn(policy, 'tls');
  if (declared !== undefined && rule?.policyRule !== undefined) {
    const at = tlsPointer(rule.trafficPolicy, number);
    return { sends: sentBy(stringIn(declared, 'mode')), why: 'rule', rule: rule.policyRule, at };
  }
  if (!usesAutoMtls(mesh)) {
    return { sends: 'plaintext', why: 'auto-mtls-off' };
  }
  return autoTls(service, sharesOneSocket(service, policy), endpoints, mesh);
}

function autoTls(
  service: Resource,
  oneSocket: boolean,
  endpoints: readonly EndpointTls[],
  mesh: Mesh,
): ClientTls | undefined {
  if (
    oneSocket &&
    (endpoints.length === 0 || endpoints.some(({ offered }) => offered === 'unknown'))
  ) {
    return undefined;
  }
  if (oneSocket && endpoints.some(({ offered }) => offered === false)) {
    return { sends: 'plaintext', why: 'mixed' };
  }
  if (namespaceMtls(service.namespace, mesh).mode === 'DISABLE') {
    return { sends: 'plaintext', why: 'namespace' };
  }
  return { sends: oneSocket ? 'istio' : 'per-endpoint', why: 'auto' };
}

/** Where a policy's TLS settings for a port are, in its DestinationRule. */
export function tlsPointer(trafficPolicy: Json | undefined, portNumber: number): Pointer {
  const base = pointer('spec', 'trafficPolicy');
  return extendPointer(portLevelPointer(trafficPolicy, portNumber, base) ?? base, 'tls');
}

function sharesOneSocket(service: Resource, policy: Json): boolean {
  return (
    isHeadless(service) || stringIn(objectIn(policy, 'loadBalancer'), 'simple') === 'PASSTHROUGH'
  );
}

function sentBy(mode: string | undefined): ClientTls['sends'] {
  switch (mode) {
    case 'ISTIO_MUTUAL':
      return 'istio';
    case 'SIMPLE':
    case 'MUTUAL':
      return 'tls';
    default:
      return 'plaintext';
  }
}
