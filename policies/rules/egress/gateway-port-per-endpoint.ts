import * as z from 'zod';
import { listIn, stringIn } from '../../core/json.ts';
import { pointer } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import { describeReference, type Resource } from '../../core/resource.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import {
  mergeServers,
  unreadRules,
  type DroppedServer,
  type UnreadRule,
} from '../../mesh/gateway-listeners.ts';
import { gatewaysOf } from '../../mesh/gateway-names.ts';
import { freePort } from '../../mesh/gateway-ports.ts';
import { proxiesOf, proxyKinds, type GatewayProxy } from '../../mesh/gateway-proxies.ts';
import { rulesFor, type BoundRule } from '../../mesh/gateway-routes.ts';
import { bareHost, describeServer, type GatewayServer } from '../../mesh/gateway-servers.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { gatewayPortPerEndpointExamples } from './gateway-port-per-endpoint.examples.ts';

const params = z.object({});
type MessageId =
  | 'server-left-out'
  | 'server-name-left-out'
  | 'route-never-read'
  | 'terminated-route-never-read'
  | 'server-name-routed-twice';

/** A gateway port leads to one TCP endpoint; the others need a port or a server name of their own. */
export const gatewayPortPerEndpoint = definePolicy<typeof params, MessageId>({
  id: 'egress/gateway-port-per-endpoint',
  title: 'Every TCP endpoint behind a gateway has a port or a server name of its own',
  why: 'A TCP connection names no host. A gateway therefore has one TCP server for each port and address, and of all routes that are bound to it that server reads the first. Whatever else is declared is left out in silence, and its connections reach the wrong endpoint.',
  sources: [
    'Istio pilot/pkg/model/gateway.go, pilot/pkg/networking/core/gateway.go',
    'https://github.com/istio/istio/issues/26772',
    'https://github.com/istio/istio/issues/42520',
  ],
  severity: 'error',
  subjects: ['Gateway', 'VirtualService'],
  consults: ['Gateway', 'VirtualService', 'Service', 'ConfigMap', ...proxyKinds],
  cost: 'O(servers of the Gateways on the same proxies · VirtualServices bound to them); nothing for a VirtualService without tcp and tls routes.',
  params,
  messages: {
    'server-left-out': {
      text: '{loserServer} is left out: {winnerServer} has listener {listener}, so that {effect}.',
      remedy: '{portRemedy} Or {serverNameRemedy}',
    },
    'server-name-left-out': {
      text: '{loserServer} is left out with all its hosts: {winnerServer} has the host {serverName} on listener {listener} already, so that {effect}.',
      remedy:
        'Name each host in one TLS server of the port only, or give this server another port, such as {freePort}.',
    },
    'route-never-read': {
      text: 'This route is never read: on listener {listener} the gateway takes the first that applies, {winnerRoute}, so that {effect}.',
      remedy: '{portRemedy} Or {serverNameRemedy}',
    },
    'terminated-route-never-read': {
      text: 'This route is never read: {server} terminates TLS for several hosts, and takes the first route that applies, {winnerRoute}, for all of them, so that {effect}.',
      remedy:
        'Give each host a server of its own on the port: one with hosts [{winner}] and one with hosts [{loser}]; the server name (SNI) then tells them apart. Or move {loser} to another port, such as {freePort}.',
    },
    'server-name-routed-twice': {
      text: 'This match is never read: on listener {listener} the server name {serverName} is already routed by {winnerRoute}, so that {effect}.',
      remedy: 'Route each server name of a gateway port in one place.',
    },
  },
  equivalents: [
    {
      tool: 'istioctl',
      code: 'IST0145',
      note: 'compares hosts, so it misses TCP servers of different hosts and accuses both Gateways, and HTTP servers that merge',
    },
    { tool: 'kiali', code: 'KIA0301', note: 'same host and port only' },
  ],
  check({ resource }, mesh) {
    const reports = new Map<string, Report<MessageId>>();
    for (const proxy of proxiesAround(resource, mesh)) {
      for (const report of reportsOn(resource, proxy, mesh)) {
        const key = JSON.stringify([
          report.at,
          report.data?.['listener'],
          report.data?.['serverName'],
        ]);
        reports.set(key, reports.get(key) ?? report);
      }
    }
    return [...reports.values()];
  },
  examples: gatewayPortPerEndpointExamples,
});

function proxiesAround(resource: Resource, mesh: Mesh): readonly GatewayProxy[] {
  if (resource.type === 'Gateway') {
    return proxiesOf(resource, mesh);
  }
  const { spec } = resource.object;
  if (!(hasRules(spec, 'tcp') || hasRules(spec, 'tls'))) {
    return [];
  }
  return gatewaysOf(resource).flatMap((name) => {
    const [namespace = '', own = ''] = name.split('/');
    const gateway = mesh.get('Gateway', namespace, own);
    return gateway === undefined ? [] : proxiesOf(gateway, mesh);
  });
}

function hasRules(spec: unknown, protocol: string): boolean {
  return listIn(spec, protocol).length > 0;
}

function reportsOn(
  resource: Resource,
  proxy: GatewayProxy,
  mesh: Mesh,
): readonly Report<MessageId>[] {
  const listeners = mergeServers(proxy, mesh);
  if (resource.type === 'Gateway') {
    return listeners.dropped
      .filter(({ dropped }) => dropped.gateway === resource)
      .flatMap((conflict) => serverReport(conflict, proxy, mesh));
  }
  return unreadRules(listeners, proxy, mesh)
    .filter(({ unread }) => unread.virtualService === resource)
    .map((unread) => routeReport(unread, proxy, mesh));
}

function serverReport(
  { holder, dropped, listener, cause, host }: DroppedServer,
  proxy: GatewayProxy,
  mesh: Mesh,
): readonly Report<MessageId>[] {
  const kept = rulesFor(holder, proxy.namespace, mesh);
  const lost = rulesFor(dropped, proxy.namespace, mesh);
  const keptHost =
    (host === undefined ? undefined : kept.find(({ serverNames }) => serverNames.includes(host))) ??
    kept[0];
  const winner = hostOf(keptHost, holder);
  const reached = new Set(
    kept.flatMap(({ destinations }) => destinations.map(({ host: to }) => to)),
  );
  const unreached = lost.find(({ destinations }) =>
    destinations.some(({ host: to }) => !reached.has(to)),
  );
  if (lost.length > 0 && unreached === undefined && holder.kind === dropped.kind) {
    return [];
  }
  const loser = hostOf(unreached ?? lost[0], dropped);
  return [
    {
      message: cause === 'socket' ? 'server-left-out' : 'server-name-left-out',
      at: pointer('spec', 'servers', dropped.index),
      ...ageAssumption(holder.gateway, dropped.gateway),
      data: {
        ...remedies(winner, loser, dropped.port, proxy, mesh),
        listener,
        winnerServer: describeServer(holder),
        loserServer: `The ${describeServer(dropped)}`,
        winnerObject: describeReference(holder.gateway),
        ...(host === undefined ? {} : { serverName: bareHost(host) }),
      },
    },
  ];
}

function routeReport(
  { server, listener, read, unread, serverName }: UnreadRule,
  proxy: GatewayProxy,
  mesh: Mesh,
): Report<MessageId> {
  const winner = hostOf(read, server);
  const loser = hostOf(unread, server);
  return {
    message: routeMessage(server, serverName),
    at: unread.at,
    ...ageAssumption(read.virtualService, unread.virtualService),
    data: {
      ...remedies(winner, loser, server.port, proxy, mesh),
      listener,
      server: describeServer(server),
      winnerRoute: `${read.at.slice(1).replaceAll('/', '.')} of ${describeReference(read.virtualService)}`,
      winnerObject: describeReference(read.virtualService),
      ...(serverName === undefined ? {} : { serverName }),
    },
  };
}

function routeMessage(server: GatewayServer, serverName: string | undefined): MessageId {
  if (serverName !== undefined) {
    return 'server-name-routed-twice';
  }
  return server.kind === 'tcp' ? 'route-never-read' : 'terminated-route-never-read';
}

/** The two ways out, worked out: a port each, or TLS with a server name each. */
function remedies(
  winner: string,
  loser: string,
  port: number,
  proxy: GatewayProxy,
  mesh: Mesh,
): { readonly winner: string; readonly loser: string } & Readonly<Record<string, string | number>> {
  const free = freePort(port, proxy, mesh);
  const owner = free.service ?? proxy.services[0];
  const place = owner === undefined ? 'the Service of the gateway' : describeReference(owner);
  const exposed =
    free.service === undefined ? `add the port to ${place}` : `${place} has it already`;
  return {
    winner,
    loser,
    port,
    freePort: free.port,
    effect:
      winner === loser
        ? `its routes for ${loser} are never read`
        : `connections meant for ${loser} go to ${winner}`,
    portRemedy: `Keep port ${String(port)} for ${winner} and give ${loser} port ${String(free.port)} (${exposed}): in the server of the Gateway, in the match of its tcp route, and in the route that sends clients to the gateway.`,
    serverNameRemedy: `let the server name tell them apart on port ${String(port)}: one server each with protocol TLS, tls.mode PASSTHROUGH and hosts [${winner}] and [${loser}], tls routes with these sniHosts, and protocol TLS in the ServiceEntries; where the clients send no TLS, tls.mode ISTIO_MUTUAL with tcp routes, and a DestinationRule for the gateway that sets tls.sni.`,
  };
}

function hostOf(rule: BoundRule | undefined, server: GatewayServer): string {
  return rule?.destinations[0]?.host ?? bareHost(server.hosts[0] ?? '');
}

/** Files tell no age, and age decides who wins between two objects. */
function ageAssumption(
  winner: Resource,
  loser: Resource,
): { readonly assumes?: readonly string[] } {
  const told = [winner, loser].some(
    ({ object }) => stringIn(object, 'metadata', 'creationTimestamp') !== undefined,
  );
  return winner === loser || told
    ? {}
    : { assumes: [`${describeReference(winner)} is created first`] };
}
