import * as z from 'zod';
import { workloadKinds } from '../../core/kinds.ts';
import { listIn, numberIn, objectIn, stringIn, type Json } from '../../core/json.ts';
import { pointer } from '../../core/pointer.ts';
import { describeReference, type Resource } from '../../core/resource.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import { isAddress } from '../../mesh/ip.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { selectedLabels, workloadsSelected } from '../../mesh/reach.ts';
import { portsOf, servicesOf } from '../../mesh/services.ts';
import {
  egressSocketReports,
  refused,
  type SocketMessage,
  type SocketReport,
} from '../../mesh/socket-listeners.ts';
import { workloadPort } from '../../mesh/target-ports.ts';
import { isSocket, socketProblem } from '../../mesh/unix-sockets.ts';
import { serviceEntriesOver } from '../../mesh/workload-entries.ts';
import { endpointExamples } from './endpoint.examples.ts';

const params = z.object({});

/** UNIX domain sockets in the form and place that Istio takes them. */
export const endpoint = definePolicy<typeof params, SocketMessage>({
  id: 'socket/endpoint',
  title: 'UNIX domain sockets are written so that traffic reaches them',
  why: 'A socket takes the network out of the last hop, but Istio takes it in few places and one form, refuses most others, and accepts some in silence that lead nowhere: a WorkloadEntry that adds no endpoint, a TCP socket of which only the first host is reached.',
  sources: [
    'Istio pkg/config/validation/validation.go',
    'https://github.com/istio/istio/issues/13204',
  ],
  severity: 'error',
  subjects: ['ServiceEntry', 'WorkloadEntry', 'Sidecar'],
  consults: ['ServiceEntry', 'Service', 'ConfigMap', ...workloadKinds],
  cost: 'O(endpoints or listeners of the object); for a Sidecar O(workloads that it selects).',
  params,
  messages: {
    refused: {
      text: 'Istio refuses {field} {value}: {reason}.',
      remedy: '{advice}',
    },
    'entry-without-endpoint': {
      text: 'A WorkloadEntry with a socket adds no endpoint: {services} cannot be reached by it.',
      remedy: 'Write the socket inline, in spec.endpoints of the ServiceEntry (resolution STATIC).',
    },
    'port-without-service': {
      text: 'No Service sends to port {port} of {workload}, so that the socket gets nothing: the port of an ingress listener is the port of the Pod (targetPort).',
      remedy: 'Set port.number to one of {ports}.',
    },
    'several-hosts': {
      text: 'A TCP socket leads to one host: of {hosts} only {first} is reached.',
      remedy: 'Give each host a listener and a socket of its own, or declare the protocol as HTTP.',
    },
    'several-ports': {
      text: 'A TCP socket leads to one port, but {host} has several: the listener names a cluster that does not exist.',
      remedy: 'Use a host that has one port.',
    },
    'bind-without-port': {
      text: 'A listener that binds a socket without a port is accepted, but the proxy refuses it as a malformed IP address.',
      remedy: 'Set port: { number: 0, name: ..., protocol: ... }.',
    },
    'bind-shared': {
      text: 'Two listeners bind the socket {value}: Istio refuses the Sidecar.',
      remedy: 'Give each listener a socket of its own.',
    },
  },
  equivalents: [],
  check({ resource }, mesh) {
    switch (resource.type) {
      case 'ServiceEntry':
        return checkServiceEntry(resource);
      case 'WorkloadEntry':
        return checkWorkloadEntry(resource, mesh);
      default:
        return [...checkIngress(resource, mesh), ...egressSocketReports(resource, mesh)];
    }
  },
  examples: endpointExamples,
});

const staticForm = 'Write unix:///path or unix://@name, with resolution STATIC and one port.';

function checkServiceEntry({ object }: Resource): readonly SocketReport[] {
  const addresses = listIn(object, 'spec', 'addresses').flatMap((address, index) =>
    typeof address === 'string' && isSocket(address)
      ? [
          refused(
            ['addresses', index],
            address,
            'addresses are IPs and CIDRs',
            'Move the socket to spec.endpoints.',
          ),
        ]
      : [],
  );
  const resolution = stringIn(object, 'spec', 'resolution') ?? 'NONE';
  const ports = listIn(object, 'spec', 'ports').length;
  const endpoints = listIn(object, 'spec', 'endpoints').flatMap(
    (item, index): readonly SocketReport[] => {
      const address = stringIn(item, 'address') ?? '';
      if (!isSocket(address)) {
        return [];
      }
      const portMap = Object.keys(objectIn(item, 'ports')).length > 0;
      const problems = [
        socketProblem(address),
        resolution === 'STATIC' ? undefined : `a socket needs resolution STATIC, not ${resolution}`,
        ports === 1 ? undefined : `a socket serves one port, and the entry has ${String(ports)}`,
        portMap ? 'a socket has no ports map' : undefined,
      ];
      const [reason] = problems.filter((problem) => problem !== undefined);
      return reason === undefined
        ? []
        : [refused(['endpoints', index, 'address'], address, reason, staticForm)];
    },
  );
  return [...addresses, ...endpoints];
}

function checkWorkloadEntry(entry: Resource, mesh: Mesh): readonly SocketReport[] {
  const address = stringIn(entry.object, 'spec', 'address') ?? '';
  if (!isSocket(address)) {
    return [];
  }
  const reason =
    socketProblem(address) ??
    (Object.keys(objectIn(entry.object, 'spec', 'ports')).length > 0
      ? 'a socket has no ports map'
      : undefined);
  if (reason !== undefined) {
    return [
      refused(['address'], address, reason, 'Write unix:///path or unix://@name, without ports.'),
    ];
  }
  const services = serviceEntriesOver(entry, mesh).map(describeReference);
  const data = {
    services: services.length > 0 ? services : ['a ServiceEntry that selects it'],
    field: 'address',
  };
  return [{ message: 'entry-without-endpoint', at: pointer('spec', 'address'), data }];
}

function checkIngress(sidecar: Resource, mesh: Mesh): readonly SocketReport[] {
  return listIn(sidecar.object, 'spec', 'ingress').flatMap(
    (listener, index): readonly SocketReport[] => {
      const bind = stringIn(listener, 'bind') ?? '';
      const found: SocketReport[] = [];
      if (bind !== '' && !isAddress(bind)) {
        found.push(
          refused(
            ['ingress', index, 'bind'],
            bind,
            'an ingress listener binds an IP',
            'Leave bind out; the socket of the application belongs into defaultEndpoint.',
          ),
        );
      }
      const target = stringIn(listener, 'defaultEndpoint') ?? '';
      const reason = target === '' ? undefined : defaultEndpointProblem(target);
      if (reason !== undefined) {
        found.push(
          refused(
            ['ingress', index, 'defaultEndpoint'],
            target,
            reason,
            'Write unix:///path, unix://@name or 127.0.0.1:PORT.',
          ),
        );
      }
      return [
        ...found,
        ...(reason === undefined && isSocket(target)
          ? unreachedPort(sidecar, listener, index, mesh)
          : []),
      ];
    },
  );
}

function defaultEndpointProblem(target: string): string | undefined {
  if (isSocket(target)) {
    return socketProblem(target);
  }
  const loopback = /^(?:127\.0\.0\.1|0\.0\.0\.0|\[::1\]|\[::\]):(\d{1,5})$/u.exec(target);
  return loopback !== null && Number(loopback[1]) >= 1 && Number(loopback[1]) <= 65535
    ? undefined
    : 'it must be a socket, or 127.0.0.1, [::1], 0.0.0.0 or [::] with a port';
}

function unreachedPort(
  sidecar: Resource,
  listener: Json,
  index: number,
  mesh: Mesh,
): readonly SocketReport[] {
  const port = numberIn(listener, 'port', 'number');
  const labels = selectedLabels(sidecar, 'workloadSelector', 'labels');
  for (const workload of workloadsSelected(sidecar.namespace, labels, mesh).slice(0, 20)) {
    const ports = servicesOf(workload, mesh).flatMap((service) =>
      portsOf(service).flatMap((item) => workloadPort(item, workload) ?? []),
    );
    if (port !== undefined && ports.length > 0 && !ports.includes(port)) {
      const data = {
        port,
        ports: [...new Set(ports)],
        workload: describeReference(workload.resource),
        field: 'ingress.port',
      };
      return [
        {
          message: 'port-without-service',
          severity: 'warning',
          at: pointer('spec', 'ingress', index, 'port', 'number'),
          data,
        },
      ];
    }
  }
  return [];
}
