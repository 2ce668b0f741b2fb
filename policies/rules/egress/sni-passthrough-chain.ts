import * as z from 'zod';
import type { Report } from '../../core/policy.ts';
import type { Resource } from '../../core/resource.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import { gatewayReference } from '../../mesh/gateway-names.ts';
import { hostKey, gatewayKey } from '../../mesh/keys.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { brokenClientLinks } from '../../mesh/passthrough-client-side.ts';
import { brokenGatewayLinks } from '../../mesh/passthrough-gateway-side.ts';
import { chainsOf } from '../../mesh/passthrough-legs.ts';
import type { BrokenLink, LinkName } from '../../mesh/passthrough-links.ts';
import { hostsOf } from '../../mesh/registry.ts';
import { serverProblems, tlsRouteProblems, type ShapeProblem } from '../../mesh/tls-shape.ts';
import { unreadRoutes } from '../../mesh/unread-routes.ts';
import { sniPassthroughChainExamples } from './sni-passthrough-chain.examples.ts';
import { proxyKinds } from '../../mesh/gateway-proxies.ts';
import { sniPassthroughShapeExamples } from './sni-passthrough-chain.shape.examples.ts';

const params = z.object({});
type MessageId = LinkName | ShapeProblem['problem'];

const softer: Partial<Readonly<Record<MessageId, 'warning'>>> = {
  'gateway-unknown': 'warning',
  'server-name-is-address': 'warning',
};

/** TLS that leaves through a gateway unopened needs three objects that fit one another. */
export const sniPassthroughChain = definePolicy<typeof params, MessageId>({
  id: 'egress/sni-passthrough-chain',
  title: 'TLS through an egress gateway is led all the way by its server name',
  why: 'A ServiceEntry makes the host known, a VirtualService sends clients to the gateway and the gateway to the host, a Gateway passes the TLS through. Where one link is missing or does not fit, nothing complains: clients go past the gateway, straight to the host, or find no way at all.',
  sources: [
    'Istio pilot/pkg/networking/core/tls.go, pilot/pkg/networking/core/gateway.go',
    'https://istio.io/latest/docs/tasks/traffic-management/egress/egress-gateway/',
    'https://github.com/istio/istio/issues/34357',
  ],
  severity: 'error',
  subjects: ['VirtualService', 'ServiceEntry', 'Gateway'],
  consults: [
    'VirtualService',
    'ServiceEntry',
    'Gateway',
    'Service',
    'Sidecar',
    'ConfigMap',
    ...proxyKinds,
  ],
  cost: 'O(VirtualServices, ServiceEntries and Gateways that name the same hosts); nothing for a VirtualService without tls routes.',
  params,
  messages: {
    'no-service-entry': {
      text: 'No ServiceEntry declares {host}: the proxies of its clients have no listener for it, so connections {fate}, and the chain of the gateway names a cluster that does not exist.',
      remedy: 'Add a ServiceEntry for {host} with protocol TLS and resolution DNS.',
    },
    'entry-hidden-from-clients': {
      text: 'Only the namespace of the gateway sees this entry: the clients of {host}, which {virtualService} sends to the gateway, have no listener for it.',
      remedy: 'Add the namespaces of the clients to spec.exportTo.',
    },
    'not-bound-to-mesh': {
      text: 'The match for mesh has no effect, since spec.gateways does not name mesh: clients of {host} go directly to the host, past the gateway.',
      remedy: 'Add mesh to spec.gateways.',
    },
    'no-mesh-route': {
      text: 'No route sends clients of {host} to the gateway: they go directly to the host, past {gateway}.',
      remedy:
        'Add a tls match with gateways [mesh] and sniHosts [{host}] that leads to the Service of the gateway, and mesh to spec.gateways.',
    },
    'mesh-port-not-in-entry': {
      text: 'The match for clients of {host} is for port {port}, which no ServiceEntry of the host has (it has {ports}): clients go directly to the host, past the gateway.',
      remedy: 'Match the port of the ServiceEntry, or add port {port} to it.',
    },
    'entry-not-tls': {
      text: 'Port {port} of this entry declares protocol {protocol}, and tls routes count on TLS and HTTPS ports only: clients of {host} go directly to the host, past the gateway of {virtualService}, and without a server name to match every other host on the port goes there too.',
      remedy: 'Declare protocol TLS.',
    },
    'gateway-service-port': {
      text: 'Clients of {host} are sent to port {port} of {service}, which has no such port (it has {ports}): their chain names a cluster that does not exist.',
      remedy: 'Route to a port of the Service, or add port {port} to it.',
    },
    'mesh-port-misses-server': {
      text: 'Clients of {host} are sent to port {port} of {service}, and the gateway listens for the host elsewhere (server port {ports}): their connections are refused.',
      remedy: 'Route to the port of the Service whose number is the number of the server.',
    },
    'gateway-unknown': {
      text: 'There is no Gateway {gateway}: nothing listens for {host}.',
      remedy: 'Correct the name (<namespace>/<name>), or add the Gateway.',
    },
    'no-gateway-route': {
      text: 'No tls route that is bound to Gateway {gateway} is for {host}: the gateway has no listener for it, and what clients send there is refused.',
      remedy:
        'Name {gateway} in spec.gateways, and add a tls match with gateways [{gateway}] and sniHosts [{host}] that leads to {host}.',
    },
    'gateway-port-differs': {
      text: 'The match for Gateway {gateway} is for port {port}, which the Gateway lacks (it has {ports}): the gateway has no listener for {host}.',
      remedy: 'Match the port of the server.',
    },
    'server-host-differs': {
      text: 'No server of Gateway {gateway} is for {host} (its hosts: {hosts}): the gateway has no listener for it.',
      remedy:
        'Add {host} to the hosts of the server, or bind the VirtualService to the Gateway that has it.',
    },
    'server-not-passthrough': {
      text: 'Server {server} has {mode}, and only PASSTHROUGH reads tls routes: the gateway has no listener for {host} of {virtualService}.',
      remedy: 'Set protocol TLS and tls.mode PASSTHROUGH.',
    },
    'routes-never-read': {
      text: 'Gateway {gateway} reads {wanted} routes for {host} ({mode}), and the routes here are {kinds}: the gateway has no listener for them.',
      remedy:
        'Write {wanted} routes, or change the server: PASSTHROUGH reads tls routes, a server that terminates TLS reads tcp routes (protocol TLS) or http routes (protocol HTTPS).',
    },
    'hidden-from-gateway': {
      text: 'This VirtualService is not exported to namespace {namespace}, where the proxies of Gateway {gateway} run: the gateway has no listener for {host}.',
      remedy: 'Add {namespace} to spec.exportTo.',
    },
    'gateway-selects-other-pods': {
      text: 'Clients of {host} are sent to {service}, whose Pods ({pods}) this Gateway does not select ({selector}): they have no listener for the host.',
      remedy: 'Select the Pods of the Service.',
    },
    'gateway-to-itself': {
      text: 'This match is for Gateway {gateway} too, and leads to {service}, whose Pods are the gateway: what clients of {host} send there goes round in the gateway and never out.',
      remedy:
        'Name gateways [mesh] in this match, and add one with gateways [{gateway}] that leads to {host}.',
    },
    'entry-hidden-from-gateway': {
      text: 'This entry is not exported to namespace {namespace}, where the proxies of Gateway {gateway} run: their chain for {host} has no cluster.',
      remedy: 'Add {namespace} to spec.exportTo.',
    },
    'entry-without-endpoints': {
      text: 'With resolution NONE the cluster of {host} has no endpoints in Gateway {gateway}: what reaches the gateway goes nowhere.',
      remedy: 'Set resolution DNS.',
    },
    'destination-unknown': {
      text: 'Gateway {gateway} is told to send {host} to {destination}, which no ServiceEntry declares: its chain names a cluster that does not exist.',
      remedy: 'Route to {host}, or add a ServiceEntry for {destination}.',
    },
    'destination-port-unknown': {
      text: 'The gateway is sent to port {port} of {host}, which no ServiceEntry of the host has (it has {ports}): its chain names a cluster that does not exist.',
      remedy: 'Route to a port of the ServiceEntry, or add port {port} to it.',
    },
    'server-name-missing': {
      text: 'Istio refuses a tls route whose match names no server name.',
      remedy: 'Give every match sniHosts.',
    },
    'server-name-outside-hosts': {
      text: 'Istio refuses the server name {serverName}, which is none of spec.hosts ({hosts}).',
      remedy: 'Add it to spec.hosts, or match a host that is there.',
    },
    'server-name-is-address': {
      text: '{serverName} is an address, and clients send no server name for addresses: this match is never met.',
      remedy: 'Match a host name, or route by tcp.',
    },
    'tls-block-missing': {
      text: 'Istio refuses server {server}: protocol {protocol} needs a tls block.',
      remedy: 'Add tls with a mode: PASSTHROUGH to lead TLS through unopened.',
    },
    'tls-block-unread': {
      text: 'Istio refuses server {server}: protocol {protocol} takes no tls block.',
      remedy: 'Declare protocol TLS, or remove the tls block.',
    },
  },
  equivalents: [
    { tool: 'istioctl', code: 'IST0132', note: 'hosts of Gateway and VirtualService only' },
    { tool: 'kiali', code: 'KIA1102', note: 'a Gateway that does not exist' },
    { tool: 'kiali', code: 'KIA0302', note: 'a Gateway that selects no workload at all' },
  ],
  check({ resource }, mesh) {
    const found = new Map<string, Report<MessageId>>();
    for (const report of [...shapeReports(resource), ...linkReports(resource, mesh)]) {
      const key = `${report.message} ${report.at}`;
      found.set(key, found.get(key) ?? report);
    }
    return [...found.values()];
  },
  examples: [...sniPassthroughChainExamples, ...sniPassthroughShapeExamples],
});

function shapeReports(resource: Resource): readonly Report<MessageId>[] {
  const problems =
    resource.type === 'VirtualService' ? tlsRouteProblems(resource) : serverProblems(resource);
  return problems.map(({ problem, at, data }) => ({
    message: problem,
    at,
    data,
    ...severityOf(problem),
  }));
}

function linkReports(resource: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  return virtualServicesAround(resource, mesh)
    .flatMap((virtualService) => brokenLinks(virtualService, mesh))
    .filter(({ object }) => object === resource)
    .map(({ link, at, data, assumes }) => ({
      message: link,
      at,
      data,
      ...severityOf(link),
      ...(assumes === undefined ? {} : { assumes }),
    }));
}

function virtualServicesAround(resource: Resource, mesh: Mesh): readonly Resource[] {
  switch (resource.type) {
    case 'VirtualService':
      return [resource];
    case 'Gateway':
      return [...mesh.byKey('VirtualService', gatewayKey(gatewayReference(resource)))];
    default:
      return hostsOf(resource, mesh).flatMap((host) => [
        ...mesh.byKey('VirtualService', hostKey('', host)),
      ]);
  }
}

function brokenLinks(virtualService: Resource, mesh: Mesh): readonly BrokenLink[] {
  const chains = chainsOf(virtualService, mesh).flatMap((chain) => [
    ...brokenClientLinks(chain, mesh),
    ...brokenGatewayLinks(chain, mesh),
  ]);
  return [...chains, ...unreadRoutes(virtualService, mesh)];
}

function severityOf(message: MessageId): { readonly severity?: 'warning' } {
  const severity = softer[message];
  return severity === undefined ? {} : { severity };
}
