import { listIn, stringIn } from '../core/json.ts';
import { extendPointer, pointer } from '../core/pointer.ts';
import type { Resource } from '../core/resource.ts';
import { exportGroup } from './exports.ts';
import { entriesFor, isExternal } from './external-hosts.ts';
import { gatewayReference } from './gateway-names.ts';
import { proxiesOf } from './gateway-proxies.ts';
import type { Mesh } from './mesh.ts';
import type { PassthroughChain } from './passthrough-legs.ts';
import type { BrokenLink } from './passthrough-links.ts';
import { portNumber } from './registry.ts';
import type { Leg } from './tls-legs.ts';

/** What keeps a gateway from the host that a leg leads to: what it sees of the ServiceEntry, and what that has. */
export function brokenDestination(
  { virtualService }: PassthroughChain,
  leg: Leg,
  gateway: Resource,
  mesh: Mesh,
): readonly BrokenLink[] {
  const { host, port } = leg.destination;
  const entries = isExternal(host, mesh) ? entriesFor(host, mesh) : [];
  const [entry] = entries;
  if (entry === undefined) {
    return [];
  }
  const data = { host, gateway: gatewayReference(gateway) };
  const namespaces = proxiesOf(gateway, mesh).flatMap(({ namespace }) => namespace ?? []);
  const blind = namespaces.find((namespace) =>
    entries.every((candidate) => exportGroup(candidate, namespace, mesh) === undefined),
  );
  if (blind !== undefined) {
    return [
      {
        object: entry,
        link: 'entry-hidden-from-gateway',
        at: pointer('spec', 'exportTo'),
        data: { ...data, namespace: blind },
      },
    ];
  }
  const ports = entries.flatMap((candidate) =>
    listIn(candidate.object, 'spec', 'ports').flatMap((own) => portNumber(own) ?? []),
  );
  if (port !== undefined && !ports.includes(port)) {
    const at = extendPointer(leg.rule, 'route', 0, 'destination', 'port', 'number');
    return [
      {
        object: virtualService,
        link: 'destination-port-unknown',
        at,
        data: { ...data, port, ports },
      },
    ];
  }
  const unresolved = entries.every(
    (candidate) => (stringIn(candidate.object, 'spec', 'resolution') ?? 'NONE') === 'NONE',
  );
  return unresolved
    ? [{ object: entry, link: 'entry-without-endpoints', at: pointer('spec', 'resolution'), data }]
    : [];
}

/** A gateway may well be told to send to another host than the server name: to a proxy outside of the mesh, for one. */
export function unknownDestination(
  { virtualService, host }: PassthroughChain,
  leg: Leg,
  gateway: string,
  mesh: Mesh,
): readonly BrokenLink[] {
  const destination = leg.destination.host;
  return entriesFor(destination, mesh).length > 0
    ? []
    : [
        {
          object: virtualService,
          link: 'destination-unknown',
          at: extendPointer(leg.rule, 'route', 0, 'destination', 'host'),
          data: { host, gateway, destination },
          assumes: [`every ServiceEntry for ${destination} is among the inputs`],
        },
      ];
}
