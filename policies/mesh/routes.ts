import { listIn, numberIn, objectIn, stringIn, type Json } from '../core/json.ts';
import { compareAge, type Resource } from '../core/resource.ts';
import { exportGroup, type ExportGroup } from './exports.ts';
import { namedPatterns } from './host-patterns.ts';
import { resolveHost } from './hosts.ts';
import { destinationKey, hostKey } from './keys.ts';
import { clusterDomain } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';
import { connectionClass, routeSection, type RouteSection } from './protocol.ts';
import { portsOf, serviceOfHost } from './services.ts';

/** A way by which connections reach a port of a host. */
export interface Way {
  /** The host whose DestinationRules govern them: for raw connections that of the route's first destination. */
  readonly ruleHost: string;
  readonly subset: string | undefined;
}

/** What the ways lead to, and from where: `undefined` stands for a namespace that no object names. */
export interface Destination {
  readonly host: string;
  readonly port: number;
  /** The section of a VirtualService that routes the port. */
  readonly section: RouteSection;
  readonly clientNamespace: string | undefined;
}

/**
 * All ways to a port of a host for the clients of a namespace: the host itself where nothing routes it elsewhere, and
 * the routes of every host that lead there. Costs O(VirtualServices that name the host or have it as a destination).
 */
export function waysTo(to: Destination, mesh: Mesh): readonly Way[] {
  const ways: Way[] = [];
  const own = governing(to.host, to.clientNamespace, mesh);
  const dialled = new Set([to.host, ...hostsRoutedTo(to.host, mesh)]);
  for (const host of dialled) {
    const virtualService = host === to.host ? own : governing(host, to.clientNamespace, mesh);
    const rules = virtualService === undefined ? [] : rulesFor(virtualService, to);
    if (rules.length === 0 && host === to.host) {
      ways.push({ ruleHost: to.host, subset: undefined });
    }
    if (virtualService !== undefined) {
      ways.push(...rules.flatMap((rule) => waysOf(rule, virtualService, host, to, mesh)));
    }
  }
  return ways;
}

/** The VirtualServices that are about a host or lead to it, whoever sees them. */
export function virtualServicesAround(host: string, mesh: Mesh): readonly Resource[] {
  const found = new Set(mesh.byKey('VirtualService', destinationKey(host)));
  for (const pattern of namedPatterns('VirtualService', host, mesh)) {
    for (const virtualService of mesh.byKey('VirtualService', hostKey('', pattern))) {
      found.add(virtualService);
    }
  }
  return [...found];
}

/** The hosts that a VirtualService routes to. */
export function destinationHosts(virtualService: Resource, mesh: Mesh): ReadonlySet<string> {
  const hosts = new Set<string>();
  for (const protocol of ['http', 'tcp', 'tls']) {
    for (const rule of listIn(virtualService.object, 'spec', protocol)) {
      for (const { host } of destinationsOf(rule, virtualService, mesh)) {
        hosts.add(host);
      }
    }
  }
  return hosts;
}

/** The one VirtualService that counts: exact host first, then the private ones, then the oldest. Nothing is merged. */
function governing(
  host: string,
  clientNamespace: string | undefined,
  mesh: Mesh,
): Resource | undefined {
  for (const pattern of namedPatterns('VirtualService', host, mesh)) {
    const first = firstSeen(
      mesh.byKey('VirtualService', hostKey('', pattern)),
      clientNamespace,
      mesh,
    );
    if (first !== undefined) {
      return first;
    }
  }
  return undefined;
}

function firstSeen(
  candidates: Iterable<Resource>,
  clientNamespace: string | undefined,
  mesh: Mesh,
): Resource | undefined {
  let first: { readonly resource: Resource; readonly group: ExportGroup } | undefined;
  for (const resource of candidates) {
    const group = isForMesh(resource) ? exportGroup(resource, clientNamespace, mesh) : undefined;
    const comes =
      first === undefined ||
      (group === first.group ? compareAge(resource, first.resource) < 0 : group === 'private');
    if (group !== undefined && comes) {
      first = { resource, group };
    }
  }
  return first?.resource;
}

function hostsRoutedTo(host: string, mesh: Mesh): readonly string[] {
  return [...mesh.byKey('VirtualService', destinationKey(host))]
    .filter(isForMesh)
    .flatMap((virtualService) => hostsOf(virtualService, mesh));
}

function hostsOf(virtualService: Resource, mesh: Mesh): readonly string[] {
  return listIn(virtualService.object, 'spec', 'hosts').flatMap((written) =>
    typeof written === 'string'
      ? [resolveHost(written, virtualService.namespace, clusterDomain(mesh))]
      : [],
  );
}

function isForMesh(virtualService: Resource): boolean {
  const gateways = listIn(virtualService.object, 'spec', 'gateways');
  return gateways.length === 0 || gateways.includes('mesh');
}

function rulesFor(virtualService: Resource, { section, port }: Destination): readonly Json[] {
  return listIn(virtualService.object, 'spec', section).filter((rule) => takesPort(rule, port));
}

function takesPort(rule: Json, port: number): boolean {
  const matches = listIn(rule, 'match');
  return (
    matches.length === 0 || matches.some((match) => (numberIn(match, 'port') ?? port) === port)
  );
}

function waysOf(
  rule: Json,
  virtualService: Resource,
  dialled: string,
  to: Destination,
  mesh: Mesh,
): readonly Way[] {
  const destinations = destinationsOf(rule, virtualService, mesh);
  const [first] = destinations;
  return destinations
    .filter(({ host, port }) => host === to.host && leadsToPort(port, dialled, to, mesh))
    .map(({ subset }) => ({
      ruleHost: to.section === 'http' ? to.host : (first?.host ?? to.host),
      subset,
    }));
}

/**
 * A destination without a port takes the one that was dialled, so the dialled Service must have it in that section;
 * for HTTP a guessed port serves too, and istiod makes up port 80 for hosts that lack the port.
 */
function leadsToPort(
  port: number | undefined,
  dialled: string,
  to: Destination,
  mesh: Mesh,
): boolean {
  if (port !== undefined) {
    return port === to.port;
  }
  if (dialled === to.host) {
    return true;
  }
  const service = serviceOfHost(dialled, mesh);
  const http = to.section === 'http';
  const known =
    service !== undefined &&
    portsOf(service).some(
      (candidate) =>
        numberIn(candidate, 'port') === to.port &&
        (routeSection(candidate) === to.section ||
          (http && connectionClass(candidate) === 'sniffed')),
    );
  return known || (http && to.port === 80);
}

interface RouteDestination {
  readonly host: string;
  readonly subset: string | undefined;
  readonly port: number | undefined;
}

function destinationsOf(
  rule: Json,
  virtualService: Resource,
  mesh: Mesh,
): readonly RouteDestination[] {
  return listIn(rule, 'route').map((route) => {
    const destination = objectIn(route, 'destination');
    return {
      host: resolveHost(
        stringIn(destination, 'host') ?? '',
        virtualService.namespace,
        clusterDomain(mesh),
      ),
      subset: stringIn(destination, 'subset'),
      port: numberIn(objectIn(destination, 'port'), 'number'),
    };
  });
}
