import * as z from 'zod';
import { numberIn, objectIn, stringIn, stringMapIn, type Json } from '../../core/json.ts';
import { pointer, type Pointer } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import { describeReference, type Resource } from '../../core/resource.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import { isAddress } from '../../mesh/ip.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { hasGateway } from '../../mesh/networks.ts';
import { workloadsSelected } from '../../mesh/reach.ts';
import {
  entryLabels,
  entrySelector,
  portNames,
  selectedBy,
  serviceEntriesOver,
  servicesOver,
} from '../../mesh/workload-entries.ts';
import { workloadEntryExamples } from './workload-entry.examples.ts';

const params = z.object({});
type MessageId =
  | 'address-missing'
  | 'address-without-gateway'
  | 'address-unreadable'
  | 'hostname-without-dns'
  | 'network-label-ignored'
  | 'port-name-unknown'
  | 'identity-missing'
  | 'identity-unused'
  | 'weight-zero'
  | 'selector-of-other-namespace'
  | 'resolution-ignores-entries';

const networkLabel = 'topology.istio.io/network';
const tlsModeLabel = 'security.istio.io/tlsMode';
const hostName =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?)*$/iu;

/** A machine outside Kubernetes becomes an endpoint only if its entry says so in the form that Istio reads. */
export const workloadEntry = definePolicy<typeof params, MessageId>({
  id: 'vm/workload-entry',
  title: 'WorkloadEntries give the endpoints and identities that they mean',
  why: 'Istio accepts WorkloadEntries that add no endpoint, that are spoken to in plaintext, or whose port map names nothing. Nothing says so: the service is just empty, or answers on the wrong port.',
  sources: [
    'Istio pilot/pkg/serviceregistry/serviceentry/conversion.go, pkg/config/validation/validation.go',
  ],
  severity: 'error',
  subjects: ['WorkloadEntry', 'ServiceEntry'],
  consults: [
    'ServiceEntry',
    'Service',
    'WorkloadEntry',
    'WorkloadGroup',
    'Deployment',
    'StatefulSet',
    'DaemonSet',
    'ReplicaSet',
    'Job',
    'CronJob',
    'Rollout',
    'Pod',
    'ConfigMap',
    'KubernetesGateway',
  ],
  cost: 'O(objects that select the entry, or that the ServiceEntry selects).',
  params,
  messages: {
    'address-missing': {
      text: 'The entry has neither address nor network: Istio refuses it.',
      remedy:
        'Set spec.address to the IP of the machine, or spec.network where it is reached through a gateway.',
    },
    'address-without-gateway': {
      text: 'The entry has no address, and its network {network} has no gateway to stand in for it: Envoy gets an endpoint without address and refuses the whole list.',
      remedy: 'Set spec.address to the IP of the machine.',
    },
    'address-unreadable': {
      text: 'The address {address} is neither an IP nor a host name nor a unix:// socket: Istio refuses the entry.',
      remedy: 'Write the IP of the machine, without port or scheme.',
    },
    'hostname-without-dns': {
      text: 'The address {address} is a host name, but {service} does not resolve names ({resolution}): the entry adds no endpoint.',
      remedy: 'Write the IP of the machine, or set resolution: DNS on the ServiceEntry.',
    },
    'network-label-ignored': {
      text: 'The label topology.istio.io/network does not count on a WorkloadEntry: the machine is taken as local to everyone.',
      remedy: 'Set spec.network to {network}.',
    },
    'port-name-unknown': {
      text: 'The port {name} is not a port name of {services}: the number beside it is ignored.',
      remedy: 'Use one of the port names: {names}.',
    },
    'identity-missing': {
      text: 'The entry has no serviceAccount, so that {service} (MESH_INTERNAL) is spoken to in plaintext here, and a STRICT server refuses it.',
      remedy:
        'Set spec.serviceAccount to the identity of the proxy on the machine, or location: MESH_EXTERNAL where it has none.',
    },
    'identity-unused': {
      text: 'This ServiceEntry is MESH_EXTERNAL: it speaks plaintext to {entry} although that has an identity in the mesh.',
      remedy: 'Set location: MESH_INTERNAL.',
    },
    'weight-zero': {
      text: 'A weight of 0 counts as 1: the machine goes on receiving traffic.',
      remedy: 'Remove the entry, or its labels, to take the machine out.',
    },
    'selector-of-other-namespace': {
      text: 'Selectors reach their own namespace only: {other} is in another one and is not selected.',
      remedy: 'Put both into one namespace.',
    },
    'resolution-ignores-entries': {
      text: 'With resolution {resolution} Istio ignores the selected {entries}: connections go where the client dialled.',
      remedy: 'Set resolution: STATIC, or DNS for host names.',
    },
  },
  equivalents: [
    { tool: 'kiali', code: 'KIA1004', note: 'Kiali knows selectors that match nothing' },
  ],
  check({ resource }, mesh) {
    return resource.type === 'WorkloadEntry'
      ? checkEntry(resource, mesh)
      : checkServiceEntry(resource, mesh);
  },
  examples: workloadEntryExamples,
});

function checkEntry(entry: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  const services = [...serviceEntriesOver(entry, mesh), ...servicesOver(entry, mesh)];
  const found: (Report<MessageId> | undefined)[] = [
    addressReport(entry, services, mesh),
    networkReport(entry),
    ...unknownPorts(entry, services),
    identityReport(entry, services),
    numberIn(entry.object, 'spec', 'weight') === 0
      ? problem('weight-zero', ['weight'], 'warning')
      : undefined,
    services.length === 0 ? strayReport(serviceEntriesOver(entry, mesh, true)) : undefined,
  ];
  return found.filter((report) => report !== undefined);
}

function addressReport(
  entry: Resource,
  services: readonly Resource[],
  mesh: Mesh,
): Report<MessageId> | undefined {
  const address = stringIn(entry.object, 'spec', 'address') ?? '';
  if (address === '') {
    return missingAddress(stringIn(entry.object, 'spec', 'network') ?? '', mesh);
  }
  if (isAddress(address) || address.startsWith('unix://')) {
    return undefined;
  }
  if (!hostName.test(address)) {
    return problem('address-unreadable', ['address'], undefined, { address });
  }
  const blind = services.find((service) => !resolvesNames(service));
  const data = blind && {
    address,
    service: describeReference(blind),
    resolution: resolutionOf(blind),
  };
  return data && problem('hostname-without-dns', ['address'], undefined, data);
}

function missingAddress(network: string, mesh: Mesh): Report<MessageId> | undefined {
  if (network === '') {
    return problem('address-missing', ['address']);
  }
  const assumes = [
    `the gateways of ${network} are among the inputs; mesh.networksWithGateway names others`,
  ];
  return hasGateway(network, mesh)
    ? undefined
    : { ...problem('address-without-gateway', ['address'], undefined, { network }), assumes };
}

function networkReport(entry: Resource): Report<MessageId> | undefined {
  const network = entryLabels(entry)[networkLabel] ?? entry.labels[networkLabel];
  const declared = stringIn(entry.object, 'spec', 'network') ?? '';
  return network === undefined || declared !== ''
    ? undefined
    : problem('network-label-ignored', ['network'], 'warning', { network });
}

function unknownPorts(
  entry: Resource,
  services: readonly Resource[],
): readonly Report<MessageId>[] {
  const names = portNames(services);
  if (names.size === 0) {
    return [];
  }
  return Object.keys(objectIn(entry.object, 'spec', 'ports'))
    .filter((name) => !names.has(name))
    .map((name) =>
      problem('port-name-unknown', ['ports', name], 'warning', {
        name,
        names: [...names],
        services: services.map(describeReference),
      }),
    );
}

function identityReport(
  entry: Resource,
  services: readonly Resource[],
): Report<MessageId> | undefined {
  const internal = services.find(
    (service) => stringIn(service.object, 'spec', 'location') === 'MESH_INTERNAL',
  );
  return internal === undefined || hasIdentity(entry)
    ? undefined
    : problem('identity-missing', ['serviceAccount'], 'warning', {
        service: describeReference(internal),
      });
}

function strayReport(elsewhere: readonly Resource[]): Report<MessageId> | undefined {
  const [other] = elsewhere;
  return (
    other &&
    problem('selector-of-other-namespace', ['labels'], 'warning', {
      other: describeReference(other),
    })
  );
}

function checkServiceEntry(serviceEntry: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  const selector = entrySelector(serviceEntry);
  if (selector === undefined) {
    return [];
  }
  const entries = selectedBy(serviceEntry, 'WorkloadEntry', serviceEntry.namespace, mesh);
  const found: Report<MessageId>[] = [];
  if (resolutionOf(serviceEntry) === 'NONE') {
    const data = {
      resolution: 'NONE',
      entries: entries.length > 0 ? entries.map(describeReference) : ['entries'],
    };
    found.push(problem('resolution-ignores-entries', ['resolution'], undefined, data));
  }
  const known = entries.find(hasIdentity);
  if (
    known !== undefined &&
    stringIn(serviceEntry.object, 'spec', 'location') !== 'MESH_INTERNAL'
  ) {
    found.push(
      problem('identity-unused', ['location'], 'warning', { entry: describeReference(known) }),
    );
  }
  const groups = selectedBy(serviceEntry, 'WorkloadGroup', serviceEntry.namespace, mesh);
  const [other] = selectedBy(serviceEntry, 'WorkloadEntry', '', mesh);
  const empty =
    entries.length +
      groups.length +
      workloadsSelected(serviceEntry.namespace, selector, mesh).length ===
    0;
  if (empty && other !== undefined) {
    const data = { other: describeReference(other) };
    found.push(
      problem('selector-of-other-namespace', ['workloadSelector', 'labels'], 'warning', data),
    );
  }
  return found;
}

function problem(
  message: MessageId,
  path: readonly string[],
  severity?: 'warning',
  data: Readonly<Record<string, Json>> = {},
): Report<MessageId> {
  const at: Pointer = pointer('spec', ...path);
  return {
    message,
    ...(severity === undefined ? {} : { severity }),
    at,
    data: { ...data, field: path[0] ?? '' },
  };
}

function hasIdentity(entry: Resource): boolean {
  const mode =
    entryLabels(entry)[tlsModeLabel] ??
    stringMapIn(entry.object, 'metadata', 'labels')[tlsModeLabel];
  return mode === undefined
    ? (stringIn(entry.object, 'spec', 'serviceAccount') ?? '') !== ''
    : mode === 'istio';
}

function resolvesNames(service: Resource): boolean {
  return resolutionOf(service).startsWith('DNS');
}

function resolutionOf(service: Resource): string {
  return service.type === 'Service'
    ? 'a Kubernetes Service'
    : (stringIn(service.object, 'spec', 'resolution') ?? 'NONE');
}
