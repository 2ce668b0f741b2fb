import * as z from 'zod';
import { listIn } from '../../core/json.ts';
import { pointer } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import { consumerKinds, consumersIn } from '../../mesh/consumers.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import { isAllocatable, meshAllocates } from '../../mesh/dns-settings.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { socketsOf, wildcardBind } from '../../mesh/outbound-sockets.ts';
import { portNumber, registryServices, type RegistryService } from '../../mesh/registry.ts';
import { tcpAddressExamples } from './tcp-address.examples.ts';

const params = z.object({});
type MessageId = 'takes-whole-port' | 'takes-undeclared-port';
const rawProtocols: ReadonlySet<string> = new Set(['TCP', 'MONGO', 'REDIS', 'MYSQL']);

/** A TCP host without an address takes its port for all destinations. */
export const tcpAddress = definePolicy<typeof params, MessageId>({
  id: 'dns/tcp-address',
  title: 'TCP ServiceEntries have an address in every proxy that uses them',
  why: 'Without an address of its own a TCP host listens on 0.0.0.0, so that every connection to its port, whatever its destination, goes to this host. An address that istiod allocates helps only proxies that capture DNS; wildcard hosts and resolution NONE never get one.',
  sources: [
    'Istio pilot/pkg/networking/serviceentry/ip_autoallocation.go, pilot/pkg/model/service.go',
    'https://github.com/istio/istio/issues/11741',
  ],
  severity: 'warning',
  subjects: ['ServiceEntry'],
  consults: ['ServiceEntry', 'Sidecar', 'Namespace', 'ConfigMap', 'ProxyConfig', ...consumerKinds],
  cost: 'O(workloads of the namespace of the entry, at most 100).',
  params,
  messages: {
    'takes-whole-port': {
      text: 'Every connection to port {port} goes to {host}, whatever its destination: without an address the listener is {listener}{reason}.',
      remedy: '{advice}',
    },
    'takes-undeclared-port': {
      text: 'What is not HTTP on port {port} goes to {host}, whatever its destination: the port declares no protocol, and without an address the listener is {listener}{reason}.',
      remedy: '{advice}',
    },
  },
  unobserved:
    'The listener is that of the other examples. Who sees an entry through the Sidecar of another namespace is compared with istiod on random meshes, in `test/policies/witness/listeners.test.ts`.',
  equivalents: [
    {
      tool: 'istioctl',
      code: 'IST0134',
      note: 'blind to Mongo, MySQL and Redis, and to which proxies capture DNS',
    },
    { tool: 'istioctl', code: 'IST0133' },
  ],
  check({ resource }, mesh) {
    const consumers = consumersIn([resource.namespace], mesh);
    return listIn(resource.object, 'spec', 'ports').flatMap(
      (port, index): readonly Report<MessageId>[] => {
        const number = portNumber(port) ?? 0;
        for (const consumer of consumers) {
          for (const service of registryServices(resource, number, consumer, mesh)) {
            const open = socketsOf(service, consumer, mesh).some(
              ({ bind, range }) => bind === wildcardBind && range === '',
            );
            if (open && (rawProtocols.has(service.protocol) || service.protocol === 'sniffed')) {
              return [toReport(service, index, consumer.dns.captures, mesh)];
            }
          }
        }
        return [];
      },
    );
  },
  examples: tcpAddressExamples,
});

function toReport(
  service: RegistryService,
  index: number,
  captures: boolean,
  mesh: Mesh,
): Report<MessageId> {
  const sniffed = service.protocol === 'sniffed';
  const helps = !captures && meshAllocates(mesh) && isAllocatable(service.resource, service.host);
  return {
    message: sniffed ? 'takes-undeclared-port' : 'takes-whole-port',
    ...(sniffed ? { severity: 'info' as const } : {}),
    at: pointer('spec', 'ports', index),
    data: {
      host: service.host,
      port: service.port,
      listener: `${wildcardBind}_${String(service.port)}`,
      reason: helps ? ' in proxies that do not capture DNS' : '',
      advice: helps
        ? 'Give the entry spec.addresses, or let the proxies capture DNS (ISTIO_META_DNS_CAPTURE), so that they use the allocated address.'
        : 'Give the entry spec.addresses of its own, or protocol TLS if its clients send SNI.',
    },
  };
}
