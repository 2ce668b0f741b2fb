import { isObject, stringIn, valueIn, type Json } from '../core/json.ts';
import { isHttp } from './outbound-sockets.ts';
import { protocolOfName } from './protocol.ts';

/** What a server of a Gateway does with connections: which routes of VirtualServices it reads. */
export type ServerKind =
  'http' | 'tcp' | 'passthrough' | 'auto-passthrough' | 'terminating-tcp' | 'terminating-http';

/** The rules of a VirtualService that a server of each kind reads; AUTO_PASSTHROUGH reads none. */
export const rulesReadBy: Readonly<Record<ServerKind, 'http' | 'tcp' | 'tls' | undefined>> = {
  http: 'http',
  tcp: 'tcp',
  passthrough: 'tls',
  'auto-passthrough': undefined,
  'terminating-tcp': 'tcp',
  'terminating-http': 'http',
};

/** What a server does with connections, by its protocol and `tls` block. */
export function serverKindOf(server: Json): ServerKind {
  const protocol = protocolOfName(stringIn(server, 'port', 'protocol') ?? '') ?? 'TCP';
  if (isHttp(protocol)) {
    return 'http';
  }
  switch (tlsModeOf(server)) {
    case undefined:
      // Istio refuses TLS without a block, so that such a server is judged by what it is meant to be.
      return protocol === 'TLS' || protocol === 'HTTPS' ? 'passthrough' : 'tcp';
    case 'PASSTHROUGH':
      return 'passthrough';
    case 'AUTO_PASSTHROUGH':
      return 'auto-passthrough';
    default:
      return protocol === 'HTTPS' ? 'terminating-http' : 'terminating-tcp';
  }
}

/** The `tls.mode` of a server, PASSTHROUGH (the zero value) where the block names none; undefined without a block. */
export function tlsModeOf(server: Json): string | undefined {
  const tls = valueIn(server, 'tls');
  return isObject(tls) ? (stringIn(tls, 'mode') ?? 'PASSTHROUGH') : undefined;
}

/** Whether a server's connections start with TLS, so that SNI tells its hosts from those of other servers. */
export function isTls({ kind }: { readonly kind: ServerKind }): boolean {
  return kind !== 'http' && kind !== 'tcp';
}
