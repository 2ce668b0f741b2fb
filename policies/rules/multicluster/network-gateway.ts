import * as z from 'zod';
import { workloadKinds } from '../../core/kinds.ts';
import { extendPointer, pointer, type Pointer } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import type { Resource } from '../../core/resource.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import { endpointTls, isRunning } from '../../mesh/endpoint-tls.ts';
import { injectorValues, isMeshConfig, rootNamespace } from '../../mesh/mesh-config.ts';
import { declaredNetworks } from '../../mesh/mesh-networks.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import {
  endpointsOfEntry,
  entryEndpoint,
  resolvesByDns,
  type DeclaredEndpoint,
} from '../../mesh/network-endpoints.ts';
import {
  gatewayFaults,
  kubernetesGatewayFaults,
  type GatewayFault,
} from '../../mesh/gateway-faults.ts';
import {
  gatewayAssumed,
  gatewayServices,
  hasAnyGateway,
  hasClientsOutside,
  hasGateway,
  isCrossed,
  isLabelledOutside,
  lacksGateway,
  networkOfProxy,
} from '../../mesh/networks.ts';
import { isHeadless, servicesOf, workloadsOf } from '../../mesh/services.ts';
import { networkLabel } from '../../mesh/topology-keys.ts';
import { isControlled, workloadOf, type Workload } from '../../mesh/workload.ts';
import { networkGatewayExamples } from './network-gateway.examples.ts';

const params = z.object({});
type MessageId =
  | GatewayFault['message']
  | 'network-label-ignored'
  | 'no-gateway'
  | 'no-address'
  | 'gateway-outside'
  | 'addressed-directly';

/** What is in another network is reached through a gateway that Istio really uses. */
export const networkGateway = definePolicy<typeof params, MessageId>({
  id: 'multicluster/network-gateway',
  title: 'Every network has a gateway that Istio uses',
  why: 'Istio sends traffic for another network to that network’s gateway, but only where it finds one: a labelled Service that exposes port 15443 and has an address outside its cluster. One that lacks either is passed over with a line in istiod’s log, and clients then dial addresses of a network that they cannot reach.',
  sources: [
    'Istio pilot/pkg/serviceregistry/kube/controller/network.go, pilot/pkg/xds/endpoints/ep_filters.go',
    'https://istio.io/latest/docs/setup/install/multicluster/multi-primary_multi-network/',
  ],
  severity: 'warning',
  subjects: [
    ...workloadKinds,
    'Service',
    'WorkloadEntry',
    'ServiceEntry',
    'Namespace',
    'ConfigMap',
    'KubernetesGateway',
  ],
  consults: [],
  cost: 'O(Services that carry the label of the same network); for a headless Service O(its workloads).',
  params,
  messages: {
    'port-not-exposed': {
      text: 'Istio passes over this gateway of network {network}: the Service does not expose port {port}{instead}, so clients address the Pods of {network} directly.',
      remedy:
        'Expose TCP port {port}, or name the exposed one by label networking.istio.io/gatewayPort.',
    },
    'ambient-only': {
      text: 'Sidecars do not use this gateway of network {network}: it exposes 15008, by which only ambient proxies enter, not {port}.',
      remedy: 'Expose TCP port {port} as well.',
    },
    'no-outside-address': {
      text: 'Istio passes over this gateway of network {network}: a Service of type {type} has no address that other networks reach{missing}.',
      remedy:
        'Make it a LoadBalancer, give it externalIPs, or make it a NodePort with annotation traffic.istio.io/nodeSelector.',
    },
    'address-pending': {
      text: 'This gateway of network {network} has not been given an address by a load balancer, so clients address the Pods of {network} directly.',
      remedy: 'See why the load balancer is pending, or give the Service externalIPs.',
    },
    'gateway-port-unreadable': {
      text: 'The label networking.istio.io/gatewayPort is {value}, which is no port number: Istio takes 15443.',
      remedy: 'Write the number of a port of this Service.',
    },
    'network-label-ignored': {
      text: 'The label topology.istio.io/network of an endpoint does not count: clients in every network address {what} directly.',
      remedy: 'Set network: {network} on the endpoint instead.',
    },
    'no-gateway': {
      text: 'Network {network} has no gateway that sidecars use: clients in other networks address {what} directly.',
      remedy:
        'Add a gateway Service with label topology.istio.io/network: {network} that exposes port 15443 to other networks.',
    },
    'no-address': {
      text: 'The endpoint has no address, and network {network} has no gateway that could stand in: Envoy gets an endpoint without address and refuses the whole list.',
      remedy:
        'Give the endpoint an address, or network {network} a gateway Service that exposes port 15443.',
    },
    'gateway-outside': {
      text: 'The gateway of network {network} (Service {service}) does not know that it is in this network{own}: it forwards to its own address, in a loop.',
      remedy: 'Label the Pods topology.istio.io/network: {network}.',
    },
    'addressed-directly': {
      text: 'Clients in other networks address these endpoints in network {network} directly, past its gateway: {reason}.',
      remedy: '{advice}',
    },
  },
  unobserved:
    'Networks of the mesh config, gateways of the Gateway API, and the network of the cluster itself, are read by a running istiod only, not by the witness: see Istio `pilot/pkg/serviceregistry/kube/controller/network.go`.',
  equivalents: [],
  check({ resource }, mesh) {
    switch (resource.type) {
      case 'Service':
        return [...gatewayFaults(resource, mesh), ...headlessReports(resource, mesh)];
      case 'KubernetesGateway':
        return kubernetesGatewayFaults(resource, mesh);
      case 'WorkloadEntry':
        return unreachableEndpoint(entryEndpoint(resource), mesh);
      case 'ServiceEntry':
        return entryReports(resource, mesh);
      case 'Namespace':
        return resource.name === rootNamespace(mesh) ? namespaceReports(resource, mesh) : [];
      case 'ConfigMap':
        return isMeshConfig(resource, mesh) ? meshNetworksReports(mesh) : [];
      default:
        return workloadReports(resource, mesh);
    }
  },
  examples: networkGatewayExamples,
});

function headlessReports(service: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  if (!isHeadless(service)) {
    return [];
  }
  const networks = workloadsOf(service, mesh).map(({ labels }) => labels[networkLabel] ?? '');
  const network = networks.sort().find((candidate) => isCrossed(candidate, mesh));
  return network === undefined
    ? []
    : [
        {
          message: 'addressed-directly',
          at: pointer('spec', 'clusterIP'),
          data: {
            network,
            reason: 'a headless Service is resolved to the Pods themselves',
            advice: `Give the Service a cluster address, or keep its clients in network ${network}.`,
          },
        },
      ];
}

function entryReports(entry: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  const endpoints = endpointsOfEntry(entry, mesh);
  const inline = endpoints.filter(({ resource }) => resource === entry);
  const reports = inline.flatMap((endpoint) => [
    ...unreachableEndpoint(endpoint, mesh),
    ...labelIgnored(endpoint),
  ]);
  const crossed = endpoints.find(({ network }) => isCrossed(network, mesh));
  if (!resolvesByDns(entry) || crossed === undefined) {
    return reports;
  }
  const { network } = crossed;
  const reason = 'with resolution DNS Envoy dials the addresses that it resolves';
  const advice = 'Use resolution STATIC, with addresses or with none and the network alone.';
  return [
    ...reports,
    {
      message: 'addressed-directly',
      at: pointer('spec', 'resolution'),
      data: { network, reason, advice },
    },
  ];
}

function labelIgnored({
  network,
  labelled,
  address,
  at,
}: DeclaredEndpoint): readonly Report<MessageId>[] {
  return network !== '' || labelled === undefined
    ? []
    : [
        {
          message: 'network-label-ignored',
          at: extendPointer(at, 'labels', networkLabel),
          data: { network: labelled, what: address },
        },
      ];
}

function unreachableEndpoint(
  { network, address, at }: DeclaredEndpoint,
  mesh: Mesh,
): readonly Report<MessageId>[] {
  if (network === '' || hasGateway(network, mesh)) {
    return [];
  }
  if (address === '') {
    const assumes = gatewayAssumed(network);
    return [
      {
        message: 'no-address',
        severity: 'error',
        at: extendPointer(at, 'network'),
        data: { network },
        assumes,
      },
    ];
  }
  return hasClientsOutside(network, mesh)
    ? [noGateway(network, address, extendPointer(at, 'network'))]
    : [];
}

function namespaceReports(namespace: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  const network = namespace.labels[networkLabel] ?? '';
  return lacksGateway(network, mesh)
    ? [noGateway(network, 'its Pods', pointer('metadata', 'labels', networkLabel))]
    : [];
}

function meshNetworksReports(mesh: Mesh): readonly Report<MessageId>[] {
  const networks = declaredNetworks(mesh);
  return networks
    .filter(({ name }) => networks.length > 1 || isLabelledOutside(name, mesh))
    .filter(({ name }) => !hasGateway(name, mesh) && gatewayServices(name, mesh).length === 0)
    .map(({ name }) => noGateway(name, 'its endpoints', pointer('data', 'meshNetworks')));
}

function workloadReports(resource: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  const workload = workloadOf(resource);
  if (workload === undefined || isControlled(resource)) {
    return [];
  }
  const at = extendPointer(workload.template, 'metadata', 'labels', networkLabel);
  const outside = gatewayOutside(workload, at, mesh);
  if (outside !== undefined) {
    return [outside];
  }
  const network = workload.labels[networkLabel] ?? '';
  const served = network !== '' && !hasAnyGateway(mesh) && servicesOf(workload, mesh).length > 0;
  return served && lacksGateway(network, mesh) ? [noGateway(network, 'these Pods', at)] : [];
}

function gatewayOutside(
  workload: Workload,
  at: Pointer,
  mesh: Mesh,
): Report<MessageId> | undefined {
  const own = networkOfProxy(workload, mesh);
  const service = servicesOf(workload, mesh).find(
    ({ labels }) => (labels[networkLabel] ?? '') !== '' && labels[networkLabel] !== own,
  );
  if (service === undefined || endpointTls(workload, mesh).proxy === false) {
    return undefined;
  }
  const told = isRunning(workload.resource) || Object.keys(injectorValues(mesh)).length > 0;
  return {
    message: 'gateway-outside',
    severity: told || own !== undefined ? 'error' : 'warning',
    at,
    data: {
      network: service.labels[networkLabel] ?? '',
      service: `${service.namespace}/${service.name}`,
      own: own === undefined ? '' : `, but takes itself for one of ${own}`,
    },
    ...(told ? {} : { assumes: ['the injector’s global.network is not set; mesh.network tells'] }),
  };
}

function noGateway(network: string, what: string, at: Pointer): Report<MessageId> {
  return { message: 'no-gateway', at, data: { network, what }, assumes: gatewayAssumed(network) };
}
