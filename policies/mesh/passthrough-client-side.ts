import { listIn } from '../core/json.ts';
import { extendPointer, pointer } from '../core/pointer.ts';
import { describeReference, type Resource } from '../core/resource.ts';
import { exportsOf } from './exports.ts';
import { entriesFor, virtualServicesFor } from './external-hosts.ts';
import { gatewayNamespacesOf } from './gateway-proxies.ts';
import { isWildcardHost } from './hosts.ts';
import type { Mesh } from './mesh.ts';
import { outboundModeOf } from './outbound-policy.ts';
import { chainsOf, type PassthroughChain } from './passthrough-legs.ts';
import type { BrokenLink } from './passthrough-links.ts';
import { portNumber, protocolOf } from './registry.ts';
import { serviceOfHost } from './services.ts';
import { sidecarFor } from './sidecar-scope.ts';
import type { Leg } from './tls-legs.ts';

/**
 * What keeps clients of a host from its gateway: the ServiceEntry, the route of the mesh, the port of the gateway's
 * Service. Source: Istio `pilot/pkg/networking/core/tls.go`, observed. Costs O(entries and VirtualServices of the host).
 */
export function brokenClientLinks(chain: PassthroughChain, mesh: Mesh): readonly BrokenLink[] {
  const entries = entriesFor(chain.host, mesh);
  if (entries.length === 0) {
    // Entries below a wildcard are not looked for, so that nothing is known of one without an entry of its own.
    return isWildcardHost(chain.host) ? [] : [missingEntry(chain, mesh)];
  }
  const hidden = hiddenFromClients(chain, entries, mesh);
  return [
    ...(hidden === undefined ? [] : [hidden]),
    ...routeOfClients(chain, mesh),
    ...chain.clientLegs.flatMap((leg) => [
      ...entryPorts(chain, leg, entries),
      ...servicePort(chain, leg, mesh),
    ]),
  ];
}

function missingEntry(
  { virtualService, host, gatewayLegs, clientLegs, unboundLegs }: PassthroughChain,
  mesh: Mesh,
): BrokenLink {
  const sidecar = sidecarFor({ namespace: virtualService.namespace, labels: {} }, mesh);
  const [leg] = [...clientLegs, ...gatewayLegs, ...unboundLegs];
  return {
    object: virtualService,
    link: 'no-service-entry',
    at: leg === undefined ? pointer('spec', 'tls') : extendPointer(leg.at, 'sniHosts'),
    data: {
      host,
      fate:
        outboundModeOf(sidecar, mesh) === 'REGISTRY_ONLY'
          ? 'are refused'
          : 'pass through, past the gateway',
    },
    assumes: [`every ServiceEntry for ${host} is among the inputs`],
  };
}

/** An entry that only the namespace of the gateway sees leaves clients without a listener. */
function hiddenFromClients(
  chain: PassthroughChain,
  entries: readonly Resource[],
  mesh: Mesh,
): BrokenLink | undefined {
  const gatewayNamespaces = gatewayNamespacesOf(chain.gateways, mesh);
  const [entry] = entries;
  const seen = entries.some((candidate) =>
    exportsOf(candidate, mesh).some((to) => {
      const namespace = to === '.' ? candidate.namespace : to;
      return (
        typeof namespace === 'string' && namespace !== '~' && !gatewayNamespaces.includes(namespace)
      );
    }),
  );
  if (seen || entry === undefined || gatewayNamespaces.includes(chain.virtualService.namespace)) {
    return undefined;
  }
  const data = { host: chain.host, virtualService: describeReference(chain.virtualService) };
  return {
    object: entry,
    link: 'entry-hidden-from-clients',
    at: pointer('spec', 'exportTo'),
    data,
  };
}

function routeOfClients(chain: PassthroughChain, mesh: Mesh): readonly BrokenLink[] {
  const { virtualService, host, clientLegs, unboundLegs, gatewayLegs } = chain;
  if (clientLegs.length > 0 || routedByOthers(chain, mesh)) {
    return [];
  }
  const [unbound] = unboundLegs;
  const data = { host, gateway: chain.gateways[0] ?? '' };
  if (unbound !== undefined) {
    return [
      { object: virtualService, link: 'not-bound-to-mesh', at: pointer('spec', 'gateways'), data },
    ];
  }
  const [leg] = gatewayLegs;
  return leg === undefined
    ? []
    : [{ object: virtualService, link: 'no-mesh-route', at: pointer('spec', 'tls'), data }];
}

/** Another VirtualService may hold the half that sends clients to the gateway. */
function routedByOthers({ virtualService, host }: PassthroughChain, mesh: Mesh): boolean {
  return virtualServicesFor(host, mesh).some(
    (other) =>
      other !== virtualService &&
      chainsOf(other, mesh).some((theirs) => theirs.host === host && theirs.clientLegs.length > 0),
  );
}

function entryPorts(
  { virtualService, host }: PassthroughChain,
  leg: Leg,
  entries: readonly Resource[],
): readonly BrokenLink[] {
  const ports = entries.flatMap((entry) =>
    listIn(entry.object, 'spec', 'ports').map((port, index) => ({ entry, port, index })),
  );
  const matched =
    leg.port === undefined ? ports : ports.filter(({ port }) => portNumber(port) === leg.port);
  const [first] = matched;
  if (first === undefined) {
    const numbers = ports.flatMap(({ port }) => portNumber(port) ?? []);
    const data = { host, port: leg.port ?? 0, ports: [...new Set(numbers)] };
    return [
      {
        object: virtualService,
        link: 'mesh-port-not-in-entry',
        at: extendPointer(leg.at, 'port'),
        data,
      },
    ];
  }
  if (matched.some(({ entry, port }) => isTlsProtocol(protocolOf(entry, port)))) {
    return [];
  }
  const protocol = protocolOf(first.entry, first.port);
  const data = {
    host,
    port: portNumber(first.port) ?? 0,
    protocol: protocol === 'sniffed' ? 'none' : protocol,
    virtualService: describeReference(virtualService),
  };
  return [
    { object: first.entry, link: 'entry-not-tls', at: pointer('spec', 'ports', first.index), data },
  ];
}

/** The port of the gateway's Service that a leg leads to; a Service with one port needs no number. */
export function gatewayServicePort(leg: Leg, service: Resource): number | undefined {
  const numbers = listIn(service.object, 'spec', 'ports').flatMap((port) => portNumber(port) ?? []);
  const [only, ...more] = numbers;
  return leg.destination.port ?? (more.length === 0 ? only : leg.port);
}

function servicePort(
  { virtualService, host }: PassthroughChain,
  leg: Leg,
  mesh: Mesh,
): readonly BrokenLink[] {
  const service = serviceOfHost(leg.destination.host, mesh);
  const port = service === undefined ? undefined : gatewayServicePort(leg, service);
  if (service === undefined || port === undefined) {
    return [];
  }
  const numbers = listIn(service.object, 'spec', 'ports').flatMap(
    (candidate) => portNumber(candidate) ?? [],
  );
  const data = { host, port, service: describeReference(service), ports: numbers };
  const at = extendPointer(leg.rule, 'route', 0, 'destination', 'port', 'number');
  return numbers.includes(port)
    ? []
    : [{ object: virtualService, link: 'gateway-service-port', at, data }];
}

function isTlsProtocol(protocol: string): boolean {
  return protocol === 'TLS' || protocol === 'HTTPS';
}
