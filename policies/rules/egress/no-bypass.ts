import * as z from 'zod';
import { listIn, stringIn, valueIn } from '../../core/json.ts';
import { workloadKinds } from '../../core/kinds.ts';
import { pointer } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import type { Resource } from '../../core/resource.ts';
import { consumerKinds, consumersIn } from '../../mesh/consumers.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import { readRange } from '../../mesh/ip.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { outboundModeOf } from '../../mesh/outbound-policy.ts';
import { hasSidecar, proxyModeOf } from '../../mesh/proxy-mode.ts';
import { portNumber, protocolOf } from '../../mesh/registry.ts';
import { sidecarFor } from '../../mesh/sidecar-scope.ts';
import { annotationPointer, workloadOf, type Workload } from '../../mesh/workload.ts';
import { noBypassExamples } from './no-bypass.examples.ts';

const params = z.object({
  openMeshSeverity: z
    .enum(['error', 'warning', 'info'])
    .default('info')
    .describe('Severity of exclusions where the proxy lets unknown hosts through anyway.'),
});
type MessageId =
  'outbound-excluded' | 'outbound-not-included' | 'interception-off' | 'port-open-to-all';

const prefix = 'traffic.sidecar.istio.io/';
const exclusionAnnotations = [
  'excludeOutboundIPRanges',
  'excludeOutboundPorts',
  'excludeInterfaces',
].map((name) => `${prefix}${name}`);

/** What leaves a Pod leaves it through the proxy. */
export const noBypass = definePolicy<typeof params, MessageId>({
  id: 'egress/no-bypass',
  title: 'Outbound traffic does not go past the proxy or past the registry',
  why: 'Excluded ranges, ports and interfaces take traffic out of the mesh in silence: no mTLS, no authorization, no telemetry, no egress gateway. And a TCP ServiceEntry without address and resolution opens its port to every destination, REGISTRY_ONLY or not.',
  sources: [
    'Istio pkg/kube/inject/validate.go, pilot/pkg/networking/core/listener.go',
    'https://github.com/istio/istio/issues/37065',
  ],
  severity: 'warning',
  subjects: [...workloadKinds, 'ServiceEntry'],
  consults: ['Namespace', 'Sidecar', 'ConfigMap', ...consumerKinds, 'ProxyConfig'],
  cost: 'O(Sidecars of the namespace); for a ServiceEntry O(workloads of its namespace, at most 100).',
  params,
  messages: {
    'outbound-excluded': {
      text: '{annotation}: {value} takes this outbound traffic past the proxy: without mTLS, authorization and telemetry, and past REGISTRY_ONLY.',
      remedy:
        'Remove the exclusion, or keep it to single addresses and ports that must not pass the proxy and say why.',
    },
    'outbound-not-included': {
      text: '{annotation}: {value} sends only this outbound traffic through the proxy; everything else goes past it.',
      remedy: 'Remove the annotation, so that all outbound traffic is intercepted.',
    },
    'interception-off': {
      text: 'sidecar.istio.io/interceptionMode: NONE intercepts nothing: only applications that dial the proxy themselves use the mesh.',
      remedy: 'Use REDIRECT or TPROXY.',
    },
    'port-open-to-all': {
      text: 'Under REGISTRY_ONLY this entry opens port {port} to every destination: protocol {protocol}, resolution NONE and no narrower address match all connections to the port.',
      remedy:
        'Give spec.addresses the narrowest CIDR, or a resolution (DNS, STATIC), or protocol TLS so that the server name is matched.',
    },
  },
  equivalents: [],
  check({ resource }, mesh, settings) {
    if (resource.type === 'ServiceEntry') {
      return openPorts(resource, mesh);
    }
    const workload = workloadOf(resource);
    return workload !== undefined && hasSidecar(proxyModeOf(workload, mesh))
      ? excludedTraffic(workload, mesh, settings.openMeshSeverity)
      : [];
  },
  examples: noBypassExamples,
});

function excludedTraffic(
  workload: Workload,
  mesh: Mesh,
  openMesh: 'error' | 'warning' | 'info',
): readonly Report<MessageId>[] {
  const closed = outboundModeOf(sidecarFor(workload, mesh), mesh) === 'REGISTRY_ONLY';
  const severity = closed ? 'warning' : openMesh;
  const found: Report<MessageId>[] = [];
  const report = (message: MessageId, annotation: string): void => {
    const value = workload.annotations[annotation] ?? '';
    found.push({
      message,
      severity,
      at: annotationPointer(workload, annotation),
      data: { annotation, value },
    });
  };
  for (const name of exclusionAnnotations) {
    if ((workload.annotations[name] ?? '').trim() !== '') {
      report('outbound-excluded', name);
    }
  }
  const included = `${prefix}includeOutboundIPRanges`;
  const ranges = workload.annotations[included];
  if (ranges !== undefined && ranges.trim() !== '*') {
    report('outbound-not-included', included);
  }
  const interception = 'sidecar.istio.io/interceptionMode';
  if (workload.annotations[interception] === 'NONE') {
    report('interception-off', interception);
  }
  return found;
}

function openPorts(entry: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  if (
    (stringIn(entry.object, 'spec', 'resolution') ?? 'NONE') !== 'NONE' ||
    !matchesEverything(entry)
  ) {
    return [];
  }
  const closed = consumersIn([entry.namespace], mesh).some(
    (consumer) => outboundModeOf(consumer.sidecar, mesh) === 'REGISTRY_ONLY',
  );
  return listIn(entry.object, 'spec', 'ports').flatMap(
    (port, index): readonly Report<MessageId>[] => {
      const protocol = protocolOf(entry, port);
      const raw = ['TCP', 'MONGO', 'REDIS', 'MYSQL', 'sniffed'].includes(protocol);
      const data = { port: portNumber(port) ?? 0, protocol };
      return closed && raw
        ? [{ message: 'port-open-to-all', at: pointer('spec', 'ports', index), data }]
        : [];
    },
  );
}

function matchesEverything(entry: Resource): boolean {
  const addresses = listIn(entry.object, 'spec', 'addresses');
  const selects = valueIn(entry.object, 'spec', 'workloadSelector') !== undefined;
  return addresses.length === 0
    ? !selects
    : addresses.some((address) => typeof address === 'string' && readRange(address)?.length === 0);
}
