import * as z from 'zod';
import { listIn } from '../../core/json.ts';
import { pointer } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import { compareAge, describeReference, type Resource } from '../../core/resource.ts';
import { type Consumer, consumerKinds, consumersIn } from '../../mesh/consumers.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import { exportsOf } from '../../mesh/exports.ts';
import { hostKey, portKey } from '../../mesh/keys.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { droppedOnPort, type DroppedService } from '../../mesh/outbound-listeners.ts';
import { hostsOf, portNumber, protocolOf } from '../../mesh/registry.ts';
import { tcpListenerCollisionExamples } from './tcp-listener-collision.examples.ts';
import { tcpListenerSpellingExamples } from './tcp-listener-collision.spelling.examples.ts';

const params = z.object({});
type MessageId =
  | 'listener-taken'
  | 'raw-bytes-taken'
  | 'exclusive-protocol'
  | 'server-name-taken'
  | 'address-spelled-twice'
  | 'protocol-differs';

/** Two hosts on one listener: all connections to one of them reach the other. */
export const tcpListenerCollision = definePolicy<typeof params, MessageId>({
  id: 'egress/tcp-listener-collision',
  title: 'No two hosts share a TCP listener',
  why: 'A TCP connection names no host, so a proxy tells two TCP hosts apart by address and port alone. Where both land on one socket the first keeps it, and every connection meant for the second reaches the first, in silence: a login to another database, with the right password or without.',
  sources: [
    'Istio pilot/pkg/networking/core/listener.go',
    'https://github.com/istio/istio/issues/11741',
    'https://github.com/istio/istio/issues/8462',
  ],
  severity: 'error',
  subjects: ['ServiceEntry', 'Service'],
  consults: [
    'ServiceEntry',
    'Service',
    'Sidecar',
    'VirtualService',
    'Namespace',
    'ConfigMap',
    'ProxyConfig',
    ...consumerKinds,
  ],
  cost: 'O(objects on the same port · groups of clients that see them differently); nothing for a Service on whose port no ServiceEntry is.',
  params,
  messages: {
    'listener-taken': {
      text: 'All connections to {loser} port {port} go to {winner} ({winnerObject}): both land on listener {listener}, and {winner} comes first there. Seen by {clients}.',
      remedy:
        'Give one of them a port of its own, or an address of its own in spec.addresses, or protocol TLS if its clients send SNI; or export them to different namespaces.',
    },
    'raw-bytes-taken': {
      text: 'What is not HTTP on the way to {loser} port {port} goes to {winner} ({winnerObject}): both land on listener {listener}, and a port without a protocol is sniffed. Seen by {clients}.',
      remedy:
        'Declare the protocol of both ports, and give TCP hosts a port or an address (spec.addresses) of their own.',
    },
    'exclusive-protocol': {
      text: 'All connections to {loser} port {port} go to {winner} ({winnerObject}): both land on listener {listener}, which MySQL and Mongo share with no other protocol. Seen by {clients}.',
      remedy:
        'Give the database an address of its own in spec.addresses, or declare its protocol as TCP, or use another port.',
    },
    'server-name-taken': {
      text: 'No connection reaches {loser} port {port}: its server name is already matched by {winner} ({winnerObject}) on listener {listener}. Seen by {clients}.',
      remedy: 'Match each server name in one VirtualService and one ServiceEntry only.',
    },
    'address-spelled-twice': {
      text: '{loser} port {port} and {winner} ({winnerObject}) have one address in two spellings: Istio makes two listeners of it, Envoy refuses the second, and all connections go to the host of the other, {winner} or by chance {loser}. Seen by {clients}.',
      remedy: 'Give each its own address, or merge the two entries.',
    },
    'protocol-differs': {
      text: 'Port {port} of {host} is {protocol} here and {otherProtocol} in {otherObject}: Istio takes the older one for both.',
      remedy: 'Declare one protocol, or merge the two entries.',
    },
  },
  equivalents: [
    {
      tool: 'istioctl',
      code: 'IST0134',
      note: 'says that TCP wants an address, nothing of two hosts',
    },
    { tool: 'istioctl', code: 'IST0177' },
    { tool: 'kiali', code: 'KIA1212' },
    { tool: 'kiali', code: 'KIA1211', note: 'same host and port only' },
  ],
  check(subject, mesh) {
    const { resource } = subject;
    const found = new Map<string, Lost>();
    for (const [index, port] of listIn(resource.object, 'spec', 'ports').entries()) {
      const number = portNumber(port);
      if (number !== undefined && mesh.byKey('ServiceEntry', portKey(number)).size > 0) {
        for (const { dropped, clients } of lostOn(resource, number, mesh)) {
          const { winner, loser, listener } = dropped;
          const key = JSON.stringify([winner.host, loser.host, listener]);
          const seen = found.get(key)?.clients ?? [];
          found.set(key, { dropped, index, clients: [...new Set([...seen, clients])] });
        }
      }
    }
    return [...[...found.values()].map(toReport), ...differingProtocols(resource, mesh)];
  },
  examples: [...tcpListenerCollisionExamples, ...tcpListenerSpellingExamples],
});

interface Lost {
  readonly dropped: DroppedService;
  readonly index: number;
  readonly clients: readonly string[];
}

function lostOn(
  resource: Resource,
  port: number,
  mesh: Mesh,
): readonly { readonly dropped: DroppedService; readonly clients: string }[] {
  const rivals = [...mesh.byKey('ServiceEntry', portKey(port))];
  if (
    rivals.length === 1 &&
    rivals[0] === resource &&
    mesh.byKey('Service', portKey(port)).size === 0
  ) {
    return [];
  }
  return consumersIn(namespacesNamed([resource, ...rivals], mesh), mesh).flatMap((consumer) =>
    droppedOnPort(port, consumer, mesh)
      .filter(({ loser }) => loser.resource === resource)
      .map((dropped) => ({ dropped, clients: clientsOf(consumer) })),
  );
}

function clientsOf({ namespace }: Consumer): string {
  return namespace === '' ? 'clients in every namespace' : `clients in namespace ${namespace}`;
}

/** The namespaces that see these objects in a way of their own: where they are, and to which they are exported by name. */
function namespacesNamed(resources: readonly Resource[], mesh: Mesh): ReadonlySet<string> {
  const names = new Set<string>();
  for (const resource of resources) {
    names.add(resource.namespace);
    for (const to of exportsOf(resource, mesh)) {
      if (typeof to === 'string' && !['*', '.', '~'].includes(to)) {
        names.add(to);
      }
    }
  }
  return names;
}

function toReport({ dropped, index, clients }: Lost): Report<MessageId> {
  const { winner, loser, listener, cause } = dropped;
  const message = messageOf(cause, loser.protocol);
  return {
    message,
    ...(message === 'raw-bytes-taken' ? { severity: 'warning' as const } : {}),
    at: pointer('spec', 'ports', index),
    data: {
      winner: winner.host,
      loser: loser.host,
      listener,
      port: loser.port,
      winnerObject: describeReference(winner.resource),
      clients,
    },
  };
}

function messageOf(cause: DroppedService['cause'], protocol: string): MessageId {
  if (cause === 'sni') {
    return 'server-name-taken';
  }
  if (cause === 'spelling') {
    return 'address-spelled-twice';
  }
  if (cause === 'exclusive') {
    return 'exclusive-protocol';
  }
  return protocol === 'sniffed' ? 'raw-bytes-taken' : 'listener-taken';
}

function differingProtocols(resource: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  if (resource.type !== 'ServiceEntry') {
    return [];
  }
  return listIn(resource.object, 'spec', 'ports').flatMap((port, index) => {
    const number = portNumber(port);
    for (const host of hostsOf(resource, mesh)) {
      for (const other of mesh.byKey('ServiceEntry', hostKey(resource.namespace, host))) {
        const theirs = listIn(other.object, 'spec', 'ports').find(
          (candidate) => portNumber(candidate) === number,
        );
        const protocol = protocolOf(resource, port);
        if (
          theirs !== undefined &&
          comesAfter(resource, other) &&
          protocolOf(other, theirs) !== protocol
        ) {
          const data = {
            port: number ?? 0,
            host,
            protocol,
            otherProtocol: protocolOf(other, theirs),
            otherObject: describeReference(other),
          };
          return [
            {
              message: 'protocol-differs',
              severity: 'warning',
              at: pointer('spec', 'ports', index, 'protocol'),
              data,
            } as const,
          ];
        }
      }
    }
    return [];
  });
}

function comesAfter(resource: Resource, other: Resource): boolean {
  return other !== resource && compareAge(other, resource) < 0;
}
