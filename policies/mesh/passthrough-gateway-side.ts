import { listIn } from '../core/json.ts';
import { extendPointer, pointer } from '../core/pointer.ts';
import { describeReference, type Resource } from '../core/resource.ts';
import { exportGroup } from './exports.ts';
import { gatewayReference } from './gateway-names.ts';
import { listeningPort, proxiesBehind, proxiesOf } from './gateway-proxies.ts';
import { rulesFor, routesHostOf } from './gateway-routes.ts';
import { serversOf, type GatewayServer } from './gateway-servers.ts';
import { matchesLabels } from './labels.ts';
import type { Mesh } from './mesh.ts';
import { gatewayServicePort } from './passthrough-client-side.ts';
import { brokenDestination, unknownDestination } from './passthrough-destination.ts';
import type { PassthroughChain } from './passthrough-legs.ts';
import type { BrokenLink } from './passthrough-links.ts';
import { loopingLinks } from './passthrough-loop.ts';
import { portNumber } from './registry.ts';
import { selectorOf, serviceOfHost } from './services.ts';
import { stringMapIn } from '../core/json.ts';
import type { Leg } from './tls-legs.ts';

/**
 * What keeps a gateway from leading a host out: its Gateway object, the route bound to it, and what it sees of the
 * ServiceEntry. Source: Istio `pilot/pkg/networking/core/gateway.go`, observed.
 */
export function brokenGatewayLinks(chain: PassthroughChain, mesh: Mesh): readonly BrokenLink[] {
  return chain.gateways.flatMap((reference) => {
    const [namespace = '', name = ''] = reference.split('/');
    const gateway = mesh.get('Gateway', namespace, name);
    if (gateway === undefined) {
      return [unknownGateway(chain, reference)];
    }
    const legs = chain.gatewayLegs.filter(({ gateways }) => gateways.includes(reference));
    const served = legs.length === 0 ? withoutRoute(chain, gateway, mesh) : [];
    return [
      ...served,
      ...selectsOthers(chain, gateway, mesh),
      ...loopingLinks(chain, gateway, mesh),
      ...legs.flatMap((leg) => brokenLeg(chain, leg, gateway, mesh)),
      ...chain.strayLegs
        .filter(({ gateways }) => gateways.includes(reference))
        .flatMap((leg) => unknownDestination(chain, leg, reference, mesh)),
    ];
  });
}

function unknownGateway({ virtualService, host }: PassthroughChain, gateway: string): BrokenLink {
  return {
    object: virtualService,
    link: 'gateway-unknown',
    at: pointer('spec', 'gateways'),
    data: { host, gateway },
    assumes: ['all Gateways are among the inputs'],
  };
}

/** Clients are sent to the gateway, and no VirtualService that is bound to it routes the host. */
function withoutRoute(
  { virtualService, host, clientLegs, unboundLegs, gatewayLegs }: PassthroughChain,
  gateway: Resource,
  mesh: Mesh,
): readonly BrokenLink[] {
  if (clientLegs.length + unboundLegs.length + gatewayLegs.length === 0) {
    return [];
  }
  const elsewhere = serversOf(gateway)
    .flatMap((server) => rulesFor(server, undefined, mesh))
    .some(({ serverNames }) => serverNames.includes(host));
  const data = { host, gateway: gatewayReference(gateway) };
  return elsewhere
    ? []
    : [{ object: virtualService, link: 'no-gateway-route', at: pointer('spec', 'tls'), data }];
}

/** The Service that clients are sent to has other Pods than the Gateway selects. */
function selectsOthers(
  { host, clientLegs }: PassthroughChain,
  gateway: Resource,
  mesh: Mesh,
): readonly BrokenLink[] {
  const selector = stringMapIn(gateway.object, 'spec', 'selector');
  for (const { destination } of clientLegs) {
    const service = serviceOfHost(destination.host, mesh);
    if (service === undefined || Object.keys(selectorOf(service)).length === 0) {
      continue;
    }
    const proxies = proxiesBehind(service, mesh);
    const [known] = proxies.filter(({ workload }) => workload !== undefined);
    const selected = proxies.some(({ labels, workload }) =>
      workload === undefined ? mayMatch(selector, labels) : matchesLabels(selector, labels),
    );
    if (!selected) {
      const data = {
        host,
        gateway: gatewayReference(gateway),
        selector: JSON.stringify(selector),
        service: describeReference(service),
        pods: JSON.stringify(known?.labels ?? selectorOf(service)),
      };
      return [
        {
          object: gateway,
          link: 'gateway-selects-other-pods',
          at: pointer('spec', 'selector'),
          data,
        },
      ];
    }
  }
  return [];
}

/** A Service's selector tells some labels of its Pods, so only a contradiction is certain. */
function mayMatch(
  selector: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): boolean {
  return Object.keys(selector).every(
    (label) => !Object.hasOwn(labels, label) || labels[label] === selector[label],
  );
}

function brokenLeg(
  chain: PassthroughChain,
  leg: Leg,
  gateway: Resource,
  mesh: Mesh,
): readonly BrokenLink[] {
  const { virtualService, host } = chain;
  const servers = serversOf(gateway);
  const data = { host, gateway: gatewayReference(gateway) };
  const onPort = servers.filter(({ port }) => leg.port === undefined || port === leg.port);
  if (onPort.length === 0) {
    const ports = servers.map(({ port }) => port);
    const portData = { ...data, port: leg.port ?? 0, ports };
    return [
      {
        object: virtualService,
        link: 'gateway-port-differs',
        at: extendPointer(leg.at, 'port'),
        data: portData,
      },
    ];
  }
  const hosted = onPort.filter((server) => routesHostOf(server, virtualService, mesh));
  if (hosted.length === 0) {
    const hosts = onPort.flatMap((server) => server.hosts);
    return [
      {
        object: virtualService,
        link: 'server-host-differs',
        at: pointer('spec', 'hosts'),
        data: { ...data, hosts },
      },
    ];
  }
  const [first] = hosted;
  const passing = hosted.filter(({ kind }) => kind === 'passthrough');
  if (passing.length === 0 && first !== undefined) {
    return [notPassthrough(chain, first)];
  }
  return [
    ...hiddenRoute(chain, gateway, mesh),
    ...missedServer(chain, passing, mesh),
    ...brokenDestination(chain, leg, gateway, mesh),
  ];
}

function notPassthrough(
  { virtualService, host }: PassthroughChain,
  server: GatewayServer,
): BrokenLink {
  return {
    object: server.gateway,
    link: 'server-not-passthrough',
    at: pointer('spec', 'servers', server.index),
    data: {
      host,
      server: server.name,
      mode: server.tlsMode === undefined ? 'no tls block' : `tls.mode ${server.tlsMode}`,
      virtualService: describeReference(virtualService),
    },
  };
}

function hiddenRoute(
  { virtualService, host }: PassthroughChain,
  gateway: Resource,
  mesh: Mesh,
): readonly BrokenLink[] {
  const hidden = proxiesOf(gateway, mesh).find(
    ({ namespace }) =>
      namespace !== undefined && exportGroup(virtualService, namespace, mesh) === undefined,
  );
  const data = { host, gateway: gatewayReference(gateway), namespace: hidden?.namespace ?? '' };
  return hidden === undefined
    ? []
    : [
        {
          object: virtualService,
          link: 'hidden-from-gateway',
          at: pointer('spec', 'exportTo'),
          data,
        },
      ];
}

/** Clients arrive at a port of the gateway's Pods on which no server for the host listens. */
function missedServer(
  { virtualService, host, clientLegs }: PassthroughChain,
  passing: readonly GatewayServer[],
  mesh: Mesh,
): readonly BrokenLink[] {
  return clientLegs.flatMap((leg): readonly BrokenLink[] => {
    const service = serviceOfHost(leg.destination.host, mesh);
    const port = service === undefined ? undefined : gatewayServicePort(leg, service);
    const exists = listIn(service?.object, 'spec', 'ports').some(
      (candidate) => portNumber(candidate) === port,
    );
    if (service === undefined || port === undefined || !exists) {
      return [];
    }
    const arrives = listeningPort(port, { services: [service] });
    const listening = passing.map((server) => listeningPort(server.port, { services: [service] }));
    const at = extendPointer(leg.rule, 'route', 0, 'destination', 'port', 'number');
    const data = {
      host,
      port,
      service: describeReference(service),
      ports: passing.map((server) => server.port),
    };
    return listening.includes(arrives)
      ? []
      : [{ object: virtualService, link: 'mesh-port-misses-server', at, data }];
  });
}
