import { listIn } from '../core/json.ts';
import { pointer } from '../core/pointer.ts';
import type { Resource } from '../core/resource.ts';
import { gatewayReference, gatewaysOf, gatewaysOfMatch } from './gateway-names.ts';
import { routesHostOf } from './gateway-routes.ts';
import { rulesReadBy } from './gateway-server-kinds.ts';
import { serversOf } from './gateway-servers.ts';
import type { Mesh } from './mesh.ts';
import type { BrokenLink } from './passthrough-links.ts';
import { routedHosts } from './route-destinations.ts';

const protocols = ['http', 'tls', 'tcp'] as const;

/**
 * A VirtualService whose routes are of a kind that no server for its hosts reads, Gateway by Gateway: the gateway has no
 * listener for it. Source: Istio `pilot/pkg/networking/core/gateway.go`, observed.
 */
export function unreadRoutes(virtualService: Resource, mesh: Mesh): readonly BrokenLink[] {
  return gatewaysOf(virtualService).flatMap((reference): readonly BrokenLink[] => {
    const [namespace = '', name = ''] = reference.split('/');
    const gateway = mesh.get('Gateway', namespace, name);
    const servers = (gateway === undefined ? [] : serversOf(gateway)).filter((server) =>
      routesHostOf(server, virtualService, mesh),
    );
    const declared = protocols.filter((protocol) => isBound(virtualService, protocol, reference));
    const read = servers.flatMap(({ kind }) => rulesReadBy[kind] ?? []);
    const [server] = servers;
    const [unread] = declared;
    if (
      gateway === undefined ||
      server === undefined ||
      unread === undefined ||
      read.length === 0 ||
      declared.some((protocol) => read.includes(protocol))
    ) {
      return [];
    }
    return [
      {
        object: virtualService,
        link: 'routes-never-read',
        at: pointer('spec', unread),
        data: {
          gateway: gatewayReference(gateway),
          host: routedHosts(virtualService, mesh)[0] ?? '',
          kinds: declared,
          wanted: [...new Set(read)],
          mode: server.tlsMode === undefined ? 'no tls block' : `tls.mode ${server.tlsMode}`,
        },
      },
    ];
  });
}

function isBound(
  virtualService: Resource,
  protocol: (typeof protocols)[number],
  gateway: string,
): boolean {
  return listIn(virtualService.object, 'spec', protocol).some((rule) => {
    const matches = listIn(rule, 'match');
    return (
      matches.length === 0 ||
      matches.some((match) => gatewaysOfMatch(match, virtualService).includes(gateway))
    );
  });
}
