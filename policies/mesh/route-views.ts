import { listIn, numberIn, stringMapIn } from '../core/json.ts';
import type { Resource } from '../core/resource.ts';
import { clusterOf } from './clusters.ts';
import { consumerOf, consumersIn, type Consumer } from './consumers.ts';
import { namespacesExportedTo } from './exports.ts';
import type { HostOwner } from './host-owner.ts';
import { hostKey } from './keys.ts';
import type { Labels } from './labels.ts';
import type { Mesh } from './mesh.ts';
import { isHttp } from './outbound-sockets.ts';
import type { Protocol } from './protocol.ts';
import { workloadsSelected } from './reach.ts';
import { portNumber, protocolOf } from './registry.ts';
import { claimsOn, type RouteClaim } from './route-claims.ts';
import {
  matchesIn,
  routesAt,
  routeSections,
  type RoutePlace,
  type RouteSection,
} from './route-matches.ts';
import { serviceOfHost } from './services.ts';

/** What one group of clients sees of a host: the VirtualServices for it in their order, and the judged one among them. */
export interface RouteView {
  readonly client: Consumer;
  readonly claims: readonly [RouteClaim, ...RouteClaim[]];
  readonly own: RouteClaim;
}

/** The clients that see a VirtualService for a host, as far as they are in the namespaces that its rivals name. */
export function routeViews(
  resource: Resource,
  host: string,
  owner: HostOwner,
  mesh: Mesh,
): readonly RouteView[] {
  const named = new Set([resource.namespace, ...owner.namespaces]);
  const rivals = [resource, ...mesh.byKey('VirtualService', hostKey('', host))];
  for (const rival of rivals) {
    named.add(rival.namespace);
    for (const namespace of namespacesExportedTo(rival, mesh)) {
      named.add(namespace);
    }
  }
  const places = placesOf(resource, host, mesh);
  const asked = labelsAskedFor(rivals);
  const clients = consumersIn(named, mesh).flatMap((client) => [
    client,
    ...labelledClients(client, asked, mesh),
  ]);
  return [...new Set(clients)].flatMap(
    (client) => viewOf(resource, host, client, places, mesh) ?? [],
  );
}

/** A client's view where the VirtualService comes first on some port, before one where it never does. */
function viewOf(
  resource: Resource,
  host: string,
  client: Consumer,
  places: readonly RoutePlace[],
  mesh: Mesh,
): RouteView | undefined {
  const seen = claimsOn(host, client, mesh).filter(
    (claim) => clusterOf(claim.resource) === clusterOf(resource),
  );
  const views = places.flatMap((place): RouteView[] => {
    const claims = seen.filter((claim) => routesAt(claim.resource, place, client));
    const own = claims.find((claim) => claim.resource === resource);
    const [first, ...rest] = claims;
    return own === undefined || first === undefined
      ? []
      : [{ client, claims: [first, ...rest], own }];
  });
  const won = views.filter(({ claims: [first] }) => first.resource === resource);
  return won.find(({ claims }) => claims.length > 1) ?? won[0] ?? views[0];
}

/** The labels of senders by which matches tell clients apart. */
function labelsAskedFor(virtualServices: readonly Resource[]): readonly Labels[] {
  return virtualServices
    .flatMap((rival) => routeSections.flatMap((section) => matchesIn(rival, section)))
    .map((match) => stringMapIn(match, 'sourceLabels'))
    .filter((labels) => Object.keys(labels).length > 0);
}

/** Workloads beside a client that have labels which are asked for, one for each. */
function labelledClients(
  { namespace }: Consumer,
  asked: readonly Labels[],
  mesh: Mesh,
): readonly Consumer[] {
  return asked.flatMap((labels) => {
    const [workload] = workloadsSelected(namespace, labels, mesh);
    return (workload && consumerOf(workload.resource, mesh)) ?? [];
  });
}

/** The ports of a host, where it is known; else those that the VirtualService names, and any other. */
function placesOf(resource: Resource, host: string, mesh: Mesh): readonly RoutePlace[] {
  const service = serviceOfHost(host, mesh);
  const definitions = [
    ...(service === undefined ? [] : [service]),
    ...mesh.byKey('ServiceEntry', hostKey('', host)),
  ];
  const known = definitions.flatMap((definition) =>
    listIn(definition.object, 'spec', 'ports').flatMap((port) =>
      sectionsOf(protocolOf(definition, port)).map((section) => ({
        section,
        port: portNumber(port),
      })),
    ),
  );
  return known.length > 0
    ? known
    : routeSections.flatMap((section) => {
        const named = matchesIn(resource, section).flatMap(
          (match) => numberIn(match, 'port') ?? [],
        );
        return [undefined, ...named].map((port) => ({ section, port }));
      });
}

function sectionsOf(protocol: Protocol): readonly RouteSection[] {
  if (isHttp(protocol)) {
    return ['http'];
  }
  return protocol === 'sniffed' ? routeSections : ['tls', 'tcp'];
}
