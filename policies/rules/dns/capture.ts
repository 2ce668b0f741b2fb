import * as z from 'zod';
import { listIn } from '../../core/json.ts';
import { compileGlobs } from '../../core/glob.ts';
import { workloadKinds } from '../../core/kinds.ts';
import type { Report } from '../../core/policy.ts';
import { compareAge, describeReference, type Resource } from '../../core/resource.ts';
import { consumerOf, type Consumer } from '../../mesh/consumers.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import {
  dnsCaptureVariable,
  dnsSettingsOf,
  isAllocatable,
  meshAllocates,
} from '../../mesh/dns-settings.ts';
import { unaddressedKey } from '../../mesh/keys.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { proxyConfigAnnotation } from '../../mesh/proxy-config-annotation.ts';
import { proxySettingsOf } from '../../mesh/proxy-config.ts';
import { portNumber, registryServices } from '../../mesh/registry.ts';
import { annotationPointer } from '../../mesh/workload.ts';
import { captureExamples } from './capture.examples.ts';

const params = z.object({
  meshOnlyHosts: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Hosts, `*` for any text, that only the proxies resolve: their clients must capture DNS.',
    ),
});
type MessageId = 'opts-out-of-addresses' | 'host-does-not-resolve';
const rawProtocols: ReadonlySet<string> = new Set(['TCP', 'MONGO', 'REDIS', 'MYSQL', 'sniffed']);
const mostEntriesRead = 200;

/** Hosts that only the mesh can resolve need proxies that capture DNS. */
export const capture = definePolicy<typeof params, MessageId>({
  id: 'dns/capture',
  title: 'Workloads capture DNS where they need what only the mesh resolves',
  why: 'The address that Istio allocates to a ServiceEntry is known to the DNS of the proxies alone, and used only by proxies that capture DNS. A workload that opts out gets the real address of the host instead, and its proxy falls back to a listener that takes the whole port.',
  sources: [
    'Istio pilot/pkg/model/service.go, nodeUsesAutoallocatedIPs',
    'https://github.com/istio/istio/issues/42297',
  ],
  severity: 'warning',
  subjects: [...workloadKinds],
  consults: ['Namespace', 'ServiceEntry', 'Sidecar', 'ConfigMap', 'ProxyConfig'],
  cost: 'O(1) for workloads that capture DNS as the mesh does; else O(ServiceEntries without an address, at most 200).',
  params,
  messages: {
    'opts-out-of-addresses': {
      text: 'This workload turns DNS capture off although the mesh captures: for its proxy {entry} has no address, so that every connection to port {port} goes to {host}.',
      remedy: 'Remove ISTIO_META_DNS_CAPTURE from the workload, or give the entry spec.addresses.',
    },
    'host-does-not-resolve': {
      text: 'This workload does not capture DNS, and {host} ({entry}) resolves in proxies only: its look-ups fail.',
      remedy:
        'Set ISTIO_META_DNS_CAPTURE to "true" in proxyMetadata of the mesh or of the workload.',
    },
  },
  unobserved:
    'A look-up that the proxy does not capture is answered by the DNS of the cluster, which Istio does not fill.',
  equivalents: [],
  check({ resource }, mesh, settings) {
    const consumer = consumerOf(resource, mesh);
    if (consumer?.workload === undefined || consumer.dns.captures) {
      return [];
    }
    const at = annotationPointer(consumer.workload, proxyConfigAnnotation);
    const optsOut = dnsSettingsOf(undefined, mesh).captures && declaresCapture(consumer, mesh);
    return [
      ...(optsOut && meshAllocates(mesh) ? lostAddress(consumer, mesh) : []),
      ...unresolved(consumer, settings.meshOnlyHosts, mesh),
    ].map((report) => ({ ...report, at }));
  },
  examples: captureExamples,
});

type Found = Omit<Report<MessageId>, 'at'>;

function declaresCapture(consumer: Consumer, mesh: Mesh): boolean {
  const variable =
    consumer.workload && proxySettingsOf(consumer.workload, mesh).environment[dnsCaptureVariable];
  return variable !== undefined && variable.source !== 'mesh';
}

function lostAddress(consumer: Consumer, mesh: Mesh): readonly Found[] {
  for (const entry of entriesRead(mesh)) {
    for (const port of listIn(entry.object, 'spec', 'ports')) {
      const number = portNumber(port) ?? 0;
      const [service] = registryServices(entry, number, consumer, mesh).filter(
        ({ protocol, host }) => rawProtocols.has(protocol) && isAllocatable(entry, host),
      );
      if (service !== undefined) {
        const data = { entry: describeReference(entry), host: service.host, port: number };
        return [{ message: 'opts-out-of-addresses', data }];
      }
    }
  }
  return [];
}

function unresolved(
  consumer: Consumer,
  meshOnlyHosts: readonly string[],
  mesh: Mesh,
): readonly Found[] {
  if (meshOnlyHosts.length === 0) {
    return [];
  }
  const meshOnly = compileGlobs(meshOnlyHosts);
  for (const entry of entriesRead(mesh)) {
    const [port] = listIn(entry.object, 'spec', 'ports');
    const found = registryServices(entry, portNumber(port) ?? 0, consumer, mesh).find(({ host }) =>
      meshOnly(host),
    );
    if (found !== undefined) {
      return [
        {
          message: 'host-does-not-resolve',
          data: { entry: describeReference(entry), host: found.host },
        },
      ];
    }
  }
  return [];
}

function entriesRead(mesh: Mesh): readonly Resource[] {
  return [...mesh.byKey('ServiceEntry', unaddressedKey)].sort(compareAge).slice(0, mostEntriesRead);
}
