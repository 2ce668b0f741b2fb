import * as z from 'zod';
import { workloadKinds } from '../../core/kinds.ts';
import { numberIn, objectIn, stringIn, type Json } from '../../core/json.ts';
import { pointer, type Pointer } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import { describeReference, type Resource } from '../../core/resource.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { entryEndpoint } from '../../mesh/network-endpoints.ts';
import { workloadsSelected } from '../../mesh/reach.ts';
import { networkLabel } from '../../mesh/topology-keys.ts';
import {
  entryLabels,
  entrySelector,
  portNames,
  resolutionOf,
  selectedBy,
  serviceEntriesOver,
  servicesOver,
  twinOf,
} from '../../mesh/workload-entries.ts';
import { addressFault, type AddressFault } from '../../mesh/workload-entry-address.ts';
import { entryFormFaults, type EntryFormFault } from '../../mesh/workload-entry-form.ts';
import { workloadEntryExamples } from './workload-entry.examples.ts';

const params = z.object({});
type MessageId =
  | EntryFormFault['message']
  | AddressFault['message']
  | 'network-label-ignored'
  | 'port-name-unknown'
  | 'identity-missing'
  | 'identity-unused'
  | 'weight-zero'
  | 'selector-of-other-namespace'
  | 'resolution-ignores-entries'
  | 'round-robin-takes-one'
  | 'endpoint-twice';

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
    'ConfigMap',
    'KubernetesGateway',
    ...workloadKinds,
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
    'port-out-of-range': {
      text: 'The port {name} is {port}, so Istio refuses the entry: ports go from 1 to 65535.',
      remedy: 'Write the number on which the machine listens.',
    },
    'label-refused': {
      text: 'Istio refuses the entry because of its label "{label}": {reason}.',
      remedy:
        'Use letters, digits, dashes, dots and underscores, at most 63, a letter or digit at both ends.',
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
    'round-robin-takes-one': {
      text: 'Resolution DNS_ROUND_ROBIN takes one endpoint, and {entries} are selected: the others get no traffic.',
      remedy: 'Set resolution: DNS, which takes them all.',
    },
    'endpoint-twice': {
      text: '{service} has {address} port {port} twice, by this entry and by {twin}: the machine gets a double share of the traffic, and taking out one entry does not take it out.',
      remedy: 'Remove one of the two, and use weight for a larger share.',
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
  const faults = entryFormFaults(entry);
  const found: (Report<MessageId> | undefined)[] = [
    ...faults.map(({ message, path, data }) => problem(message, path, undefined, data)),
    faults.length > 0 ? undefined : addressReport(entry, services, mesh),
    faults.length > 0 ? undefined : twinReport(entry, services, mesh),
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
  const fault = addressFault(entry, services, mesh);
  if (fault === undefined) {
    return undefined;
  }
  const { message, data, assumes } = fault;
  const report = problem(message, ['address'], undefined, data);
  return assumes === undefined ? report : { ...report, assumes };
}

function twinReport(
  entry: Resource,
  services: readonly Resource[],
  mesh: Mesh,
): Report<MessageId> | undefined {
  const found = twinOf(entry, services, mesh);
  return (
    found &&
    problem('endpoint-twice', ['address'], 'warning', {
      service: describeReference(found.service),
      address: stringIn(entry.object, 'spec', 'address') ?? '',
      port: found.port,
      twin: describeReference(found.twin),
    })
  );
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
  return internal === undefined || entryEndpoint(entry).istioTls
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
  if (resolutionOf(serviceEntry) === 'DNS_ROUND_ROBIN' && entries.length > 1) {
    const data = { entries: entries.map(describeReference) };
    found.push(problem('round-robin-takes-one', ['resolution'], undefined, data));
  }
  const known = entries.find((entry) => entryEndpoint(entry).istioTls);
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
