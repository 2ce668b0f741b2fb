import * as z from 'zod';
import { pointer } from '../../core/pointer.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import { meshConfig, protoMember, rootNamespace } from '../../mesh/mesh-config.ts';
import { meshOutboundMode, sidecarOutboundMode } from '../../mesh/outbound-policy.ts';
import { registryOnlyExamples } from './registry-only.examples.ts';

const params = z.object({
  meshSeverity: z
    .enum(['error', 'warning', 'info'])
    .default('info')
    .describe('Severity of a mesh that lets every host through, which is the default of Istio.'),
});
type MessageId = 'mesh-open' | 'dynamic-dns-open' | 'sidecar-open' | 'sidecar-mode-refused';

/** Only hosts that somebody has declared are reached from the mesh. */
export const registryOnly = definePolicy<typeof params, MessageId>({
  id: 'egress/registry-only',
  title: 'Proxies let out only what the registry knows',
  why: "With ALLOW_ANY, Istio's default, a proxy passes traffic to any host through, without a name in telemetry, without TLS settings and past every egress gateway. REGISTRY_ONLY is no firewall, but it makes each external host a reviewed ServiceEntry.",
  sources: [
    'Istio API, mesh/v1alpha1 OutboundTrafficPolicy',
    'https://github.com/istio/istio/issues/15620',
    'https://github.com/istio/istio/issues/37064',
  ],
  severity: 'warning',
  subjects: ['ConfigMap', 'Sidecar'],
  consults: ['ConfigMap'],
  cost: 'O(1): the object and the mesh config.',
  params,
  messages: {
    'mesh-open': {
      text: 'The mesh lets traffic to unknown hosts through (outboundTrafficPolicy ALLOW_ANY{origin}).',
      remedy:
        'Set outboundTrafficPolicy.mode to REGISTRY_ONLY in the mesh config once the hosts in use have a ServiceEntry.',
    },
    'dynamic-dns-open': {
      text: 'ALLOW_ANY_DYNAMIC_DNS is as open as ALLOW_ANY: HTTP goes wherever its Host header says, everything else passes through.',
      remedy: 'Set outboundTrafficPolicy.mode to REGISTRY_ONLY in the mesh config.',
    },
    'sidecar-open': {
      text: 'This Sidecar lets traffic to unknown hosts through (ALLOW_ANY) although the mesh does not (REGISTRY_ONLY).',
      remedy:
        'Remove outboundTrafficPolicy from the Sidecar, and declare the hosts in use by ServiceEntries.',
    },
    'sidecar-mode-refused': {
      text: 'Istio refuses ALLOW_ANY_DYNAMIC_DNS in a Sidecar: the mode exists for the whole mesh only.',
      remedy: 'Use REGISTRY_ONLY or ALLOW_ANY here.',
    },
  },
  equivalents: [
    { tool: 'kiali', code: 'KIA1007', note: 'flags the empty object, which means REGISTRY_ONLY' },
  ],
  check({ resource }, mesh, settings) {
    if (resource.type === 'ConfigMap') {
      if (resource.name !== 'istio' || resource.namespace !== rootNamespace(mesh)) {
        return [];
      }
      const at = pointer('data', 'mesh');
      const mode = meshOutboundMode(mesh);
      if (mode === 'ALLOW_ANY_DYNAMIC_DNS') {
        return [{ message: 'dynamic-dns-open', at, data: { mode } }];
      }
      const declared = protoMember(meshConfig(mesh), 'outboundTrafficPolicy') !== undefined;
      const data = { mode, origin: declared ? '' : ', the default' };
      return mode === 'ALLOW_ANY'
        ? [{ message: 'mesh-open', severity: settings.meshSeverity, at, data }]
        : [];
    }
    const mode = sidecarOutboundMode(resource);
    const at = pointer('spec', 'outboundTrafficPolicy', 'mode');
    if (mode === 'ALLOW_ANY_DYNAMIC_DNS') {
      return [{ message: 'sidecar-mode-refused', severity: 'error', at }];
    }
    return mode === 'ALLOW_ANY' && meshOutboundMode(mesh) === 'REGISTRY_ONLY'
      ? [{ message: 'sidecar-open', at }]
      : [];
  },
  examples: registryOnlyExamples,
});
