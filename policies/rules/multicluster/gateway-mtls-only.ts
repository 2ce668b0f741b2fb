import * as z from 'zod';
import { workloadKinds } from '../../core/kinds.ts';
import { extendPointer, pointer, type Pointer } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import type { Resource } from '../../core/resource.ts';
import { usesAutoMtls } from '../../mesh/client-tls.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import { endpointTls } from '../../mesh/endpoint-tls.ts';
import { isMeshConfig } from '../../mesh/mesh-config.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import {
  endpointsOfEntry,
  entryEndpoint,
  isExternal,
  resolvesByDns,
  type DeclaredEndpoint,
} from '../../mesh/network-endpoints.ts';
import { gatewayPort } from '../../mesh/network-gateways.ts';
import {
  gatewayPortPointer,
  isUnanswered,
  publishedBeside,
  serverFaults,
} from '../../mesh/network-servers.ts';
import { peerAcross, ruleAcross, servicesWithoutTls } from '../../mesh/network-tls.ts';
import { hasAnyGateway, isCrossed, networkOf } from '../../mesh/networks.ts';
import { firstNames } from '../../mesh/reach.ts';
import { hostsOf } from '../../mesh/registry.ts';
import { hostOf, isHeadless, servicesOf, workloadsOf } from '../../mesh/services.ts';
import { networkLabel } from '../../mesh/topology-keys.ts';
import { isControlled, workloadOf } from '../../mesh/workload.ts';
import { gatewayMtlsOnlyExamples } from './gateway-mtls-only.examples.ts';
import { gatewayPublishedExamples } from './gateway-mtls-only.published.examples.ts';

const params = z.object({});
type MessageId =
  | 'not-auto-passthrough'
  | 'not-tls'
  | 'hosts-too-wide'
  | 'nothing-published'
  | 'not-published'
  | 'rule-not-istio-tls'
  | 'peer-plaintext'
  | 'no-proxy'
  | 'no-identity'
  | 'external-entry'
  | 'auto-mtls-off';

/** Networks are crossed by Istio's mutual TLS, and by nothing else. */
export const gatewayMtlsOnly = definePolicy<typeof params, MessageId>({
  id: 'multicluster/gateway-mtls-only',
  title: 'Gateways between networks pass Istio’s mutual TLS, and everything behind them speaks it',
  why: 'The gateway of a network knows where to send a connection by the name in Istio’s own TLS handshake. What does not speak it cannot be reached from other networks: Istio takes it out of the load balancing without a word, or sends plaintext to a port that only understands TLS.',
  sources: [
    'Istio pilot/pkg/xds/endpoints/ep_filters.go, pilot/pkg/networking/core/gateway.go, samples/multicluster/expose-services.yaml',
  ],
  severity: 'warning',
  subjects: [
    ...workloadKinds,
    'Gateway',
    'Service',
    'DestinationRule',
    'PeerAuthentication',
    'WorkloadEntry',
    'ServiceEntry',
    'ConfigMap',
  ],
  consults: ['Namespace', 'KubernetesGateway', 'VirtualService'],
  cost: 'O(workloads that the object reaches, at most 100 a network for the mesh as a whole).',
  params,
  messages: {
    'not-auto-passthrough': {
      text: 'Server {name} stands on port {port}, by which other networks enter, with TLS mode {mode}: it has no chain for the Services of the mesh, so connections from other networks end here.',
      remedy: 'Set tls.mode AUTO_PASSTHROUGH, protocol TLS and hosts ["*.local"].',
    },
    'not-tls': {
      text: 'Server {name} on port {port} has protocol {protocol}, for which tls.mode AUTO_PASSTHROUGH does nothing: it is no gateway between networks.',
      remedy: 'Set the protocol of the port to TLS.',
    },
    'hosts-too-wide': {
      text: 'Server {name} on port {port} publishes "{hosts}" to other networks: every ServiceEntry of the mesh (MESH_INTERNAL) as well as every Service.',
      remedy: 'Write "*.local", which is all Services, or the hosts that are meant.',
    },
    'nothing-published': {
      text: 'No Gateway has a server on port {port} of these Pods, by which other networks enter network {network}: connections from there are refused.',
      remedy:
        'Add a Gateway for them with port {port}, protocol TLS, tls.mode AUTO_PASSTHROUGH and hosts ["*.local"].',
    },
    'not-published': {
      text: 'Clients in other networks are sent to the gateway of network {network} for {host}, which has no chain for it and closes the connection: its servers publish {hosts}.',
      remedy:
        'Add {host} to the hosts of the AUTO_PASSTHROUGH server, beside those that are there.',
    },
    'rule-not-istio-tls': {
      text: 'With tls.mode {mode} clients in other networks lose every endpoint of {host} in network {network}: the gateway there passes Istio’s mutual TLS only.',
      remedy: 'Set tls.mode ISTIO_MUTUAL, or leave tls out.',
    },
    'peer-plaintext': {
      text: 'With mutual TLS disabled on port {port} clients in other networks lose the endpoints of {host} in network {network}: the gateway there passes Istio’s mutual TLS only.',
      remedy: 'Use PERMISSIVE, which takes plaintext as well, or STRICT.',
    },
    'no-proxy': {
      text: 'Clients in other networks do not get these Pods in network {network} as endpoints of {service}: without a sidecar they do not speak the mutual TLS that its gateway passes.',
      remedy: 'Have the Pods injected, or keep their clients in network {network}.',
    },
    'no-identity': {
      text: 'Clients in other networks do not get this endpoint in network {network}: without serviceAccount and label security.istio.io/tlsMode it counts as plaintext, and the gateway passes Istio’s mutual TLS only.',
      remedy: 'Set serviceAccount to the identity of the machine, which needs a proxy.',
    },
    'external-entry': {
      text: 'Clients send plaintext for {host} to the gateway of network {network}, which understands TLS only: the entry is MESH_EXTERNAL.',
      remedy: 'Set location MESH_INTERNAL, or take the network off the endpoints.',
    },
    'auto-mtls-off': {
      text: 'With enableAutoMtls false clients send plaintext to the gateway of network {network}, which understands TLS only, for {services}.',
      remedy:
        'Leave enableAutoMtls on, or give these hosts a DestinationRule with tls.mode ISTIO_MUTUAL.',
    },
  },
  unobserved: 'A rule takes machines out of the load balancing as it takes Pods, which is shown.',
  equivalents: [],
  check({ resource }, mesh) {
    switch (resource.type) {
      case 'Gateway':
        return serverFaults(resource, mesh).map(({ message, at, certain, data }) => ({
          message,
          severity: certain && message !== 'hosts-too-wide' ? 'error' : 'warning',
          at,
          data,
        }));
      case 'Service':
        return serviceReports(resource, mesh);
      case 'DestinationRule':
        return ruleAcross(resource, mesh).map(({ at, network, host, mode }) => ({
          message: 'rule-not-istio-tls',
          severity: 'error',
          at,
          data: { network, host, mode },
        }));
      case 'PeerAuthentication':
        return peerAcross(resource, mesh).map(({ at, network, host, port }) => ({
          message: 'peer-plaintext',
          severity: 'error',
          at,
          data: { network, host, port },
        }));
      case 'WorkloadEntry':
        return plainEndpoint(entryEndpoint(resource), mesh);
      case 'ServiceEntry':
        return entryReports(resource, mesh);
      case 'ConfigMap':
        return isMeshConfig(resource, mesh) ? autoMtlsReports(mesh) : [];
      default:
        return workloadReports(resource, mesh);
    }
  },
  examples: [...gatewayMtlsOnlyExamples, ...gatewayPublishedExamples],
});

function nothingPublished(service: Resource): Report<MessageId> {
  const network = service.labels[networkLabel] ?? '';
  const data = { network, port: gatewayPort(service) };
  return { message: 'nothing-published', at: gatewayPortPointer(service), data };
}

function serviceReports(service: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  if (isUnanswered(service, mesh)) {
    return [nothingPublished(service)];
  }
  if (!hasAnyGateway(mesh) || isHeadless(service) || networkLabel in service.labels) {
    return [];
  }
  const networks = workloadsOf(service, mesh)
    .filter((workload) => endpointTls(workload, mesh).offered !== false)
    .map((workload) => networkOf(workload, mesh));
  return unpublished(hostOf(service, mesh), networks, pointer('metadata', 'name'), mesh);
}

function unpublished(
  host: string,
  networks: readonly (string | undefined)[],
  at: Pointer,
  mesh: Mesh,
): readonly Report<MessageId>[] {
  for (const network of new Set(networks)) {
    const hosts = isCrossed(network, mesh) ? publishedBeside(host, network, mesh) : undefined;
    if (network !== undefined && hosts !== undefined) {
      return [{ message: 'not-published', at, data: { network, host, hosts } }];
    }
  }
  return [];
}

function workloadReports(resource: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  const workload = workloadOf(resource);
  if (workload === undefined || isControlled(resource)) {
    return [];
  }
  const network = networkOf(workload, mesh);
  if (!isCrossed(network, mesh)) {
    return [];
  }
  const service = servicesOf(workload, mesh).find((candidate) => !isHeadless(candidate));
  if (service === undefined || endpointTls(workload, mesh).offered !== false) {
    return [];
  }
  const data = { network, service: `${service.namespace}/${service.name}` };
  const at = extendPointer(workload.template, 'metadata', 'labels');
  return [{ message: 'no-proxy', at, data }];
}

function entryReports(entry: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  if (resolvesByDns(entry)) {
    return [];
  }
  const endpoints = endpointsOfEntry(entry, mesh).filter(({ network }) => isCrossed(network, mesh));
  const plain = endpoints
    .filter(({ resource }) => resource === entry)
    .flatMap((endpoint) => plainEndpoint(endpoint, mesh));
  const [dialled] = endpoints.filter(({ istioTls }) => istioTls);
  if (dialled === undefined) {
    return plain;
  }
  if (!isExternal(entry)) {
    const networks = endpoints.map(({ network }) => network);
    const hidden = hostsOf(entry, mesh).flatMap((host, index) =>
      unpublished(host, networks, pointer('spec', 'hosts', index), mesh),
    );
    return [...plain, ...hidden];
  }
  const [host] = hostsOf(entry, mesh);
  const data = { network: dialled.network, host: host ?? '' };
  return [
    ...plain,
    { message: 'external-entry', severity: 'error', at: pointer('spec', 'location'), data },
  ];
}

function plainEndpoint(
  { network, istioTls, at }: DeclaredEndpoint,
  mesh: Mesh,
): readonly Report<MessageId>[] {
  return istioTls || !isCrossed(network, mesh)
    ? []
    : [
        {
          message: 'no-identity',
          severity: 'error',
          at: extendPointer(at, 'network'),
          data: { network },
        },
      ];
}

function autoMtlsReports(mesh: Mesh): readonly Report<MessageId>[] {
  const found = usesAutoMtls(mesh) ? [] : servicesWithoutTls(mesh);
  const [first] = found;
  return first === undefined
    ? []
    : [
        {
          message: 'auto-mtls-off',
          severity: 'error',
          at: pointer('data', 'mesh'),
          data: {
            network: first.network,
            services: firstNames(found.map(({ service }) => service)),
          },
        },
      ];
}
