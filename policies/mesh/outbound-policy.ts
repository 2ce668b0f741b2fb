import { isObject, stringIn, valueIn, type Json } from '../core/json.ts';
import type { Resource } from '../core/resource.ts';
import { meshConfig, protoMember } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';

/** What a proxy does with traffic to hosts that the mesh does not know. */
export type OutboundMode = 'REGISTRY_ONLY' | 'ALLOW_ANY' | 'ALLOW_ANY_DYNAMIC_DNS';

/** The mesh-wide mode; an object without a mode means REGISTRY_ONLY, nothing at all ALLOW_ANY. Source: Istio, observed. */
export function meshOutboundMode(mesh: Mesh): OutboundMode {
  return modeOf(protoMember(meshConfig(mesh), 'outboundTrafficPolicy')) ?? 'ALLOW_ANY';
}

/** The mode that a Sidecar sets; undefined where it leaves it to the mesh. */
export function sidecarOutboundMode(sidecar: Resource | undefined): OutboundMode | undefined {
  return modeOf(valueIn(sidecar?.object, 'spec', 'outboundTrafficPolicy'));
}

/** The mode of a proxy under a Sidecar, or under none. */
export function outboundModeOf(sidecar: Resource | undefined, mesh: Mesh): OutboundMode {
  return sidecarOutboundMode(sidecar) ?? meshOutboundMode(mesh);
}

function modeOf(policy: Json | undefined): OutboundMode | undefined {
  if (!isObject(policy)) {
    return undefined;
  }
  const mode = stringIn(policy, 'mode');
  return mode === 'ALLOW_ANY' || mode === 'ALLOW_ANY_DYNAMIC_DNS' ? mode : 'REGISTRY_ONLY';
}
