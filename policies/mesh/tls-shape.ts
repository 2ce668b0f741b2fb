import { isObject, listIn, stringIn, valueIn } from '../core/json.ts';
import { pointer, type Pointer } from '../core/pointer.ts';
import type { Resource } from '../core/resource.ts';
import { hostMatches } from './hosts.ts';
import { isAddress } from './ip.ts';
import { isHttp } from './outbound-sockets.ts';
import { protocolOfName } from './protocol.ts';

/** What Istio's validation refuses in a `tls` route or a server of a Gateway. */
export interface ShapeProblem {
  readonly problem:
    | 'server-name-missing'
    | 'server-name-outside-hosts'
    | 'server-name-is-address'
    | 'tls-block-missing'
    | 'tls-block-unread';
  readonly at: Pointer;
  readonly data: Readonly<Record<string, string>>;
}

/** What is refused of a VirtualService's `tls` matches. Source: Istio `pkg/config/validation/virtualservice.go`. */
export function tlsRouteProblems(virtualService: Resource): readonly ShapeProblem[] {
  const hosts = textsIn(virtualService.object, 'spec', 'hosts');
  return listIn(virtualService.object, 'spec', 'tls').flatMap((rule, ruleIndex) => {
    const matches = listIn(rule, 'match');
    return matches.length === 0
      ? [
          {
            problem: 'server-name-missing' as const,
            at: pointer('spec', 'tls', ruleIndex),
            data: {},
          },
        ]
      : matches.flatMap((match, index) =>
          matchProblems(match, hosts, pointer('spec', 'tls', ruleIndex, 'match', index)),
        );
  });
}

/** What is refused of the servers of a Gateway. Source: Istio `pkg/config/validation/validation.go`. */
export function serverProblems(gateway: Resource): readonly ShapeProblem[] {
  return listIn(gateway.object, 'spec', 'servers').flatMap(
    (server, index): readonly ShapeProblem[] => {
      const written = stringIn(server, 'port', 'protocol') ?? '';
      const protocol = protocolOfName(written);
      const encrypted = protocol === 'TLS' || protocol === 'HTTPS';
      const hasBlock = isObject(valueIn(server, 'tls'));
      const at = pointer('spec', 'servers', index);
      const data = { server: stringIn(server, 'port', 'name') ?? String(index), protocol: written };
      if (encrypted && !hasBlock) {
        return [{ problem: 'tls-block-missing', at, data }];
      }
      return hasBlock && protocol !== undefined && !encrypted && !isHttp(protocol)
        ? [{ problem: 'tls-block-unread', at, data }]
        : [];
    },
  );
}

function matchProblems(
  match: unknown,
  hosts: readonly string[],
  at: Pointer,
): readonly ShapeProblem[] {
  const names = textsIn(match, 'sniHosts');
  if (names.length === 0) {
    return [{ problem: 'server-name-missing', at, data: {} }];
  }
  return names.flatMap((name): readonly ShapeProblem[] => {
    const data = { serverName: name, hosts: hosts.join(', ') };
    if (!hosts.some((host) => host === '*' || hostMatches(host, name))) {
      return [{ problem: 'server-name-outside-hosts', at, data }];
    }
    return isAddress(name) ? [{ problem: 'server-name-is-address', at, data }] : [];
  });
}

function textsIn(value: unknown, ...path: readonly string[]): readonly string[] {
  return listIn(value, ...path).flatMap((text) =>
    typeof text === 'string' ? [text.toLowerCase()] : [],
  );
}
