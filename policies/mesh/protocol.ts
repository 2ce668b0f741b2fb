import { numberIn, stringIn, type Json } from '../core/json.ts';

/** The protocol that Istio gives a port; `sniffed`: none is declared, so Istio guesses from the first bytes. */
export type Protocol =
  | 'UDP'
  | 'TCP'
  | 'TLS'
  | 'HTTPS'
  | 'MONGO'
  | 'REDIS'
  | 'MYSQL'
  | 'HTTP'
  | 'HTTP2'
  | 'HTTP_PROXY'
  | 'GRPC'
  | 'GRPC-Web'
  | 'sniffed';

/** How connections of a protocol end: raw bytes, requests, long streams over HTTP, guessed, or no connection at all. */
export type ConnectionClass = 'tcp' | 'http' | 'stream' | 'sniffed' | 'none';

/** The sections of a VirtualService. */
export type RouteSection = 'http' | 'tcp' | 'tls';

const byWord: Readonly<Record<string, Protocol>> = {
  tcp: 'TCP',
  udp: 'UDP',
  grpc: 'GRPC',
  'grpc-web': 'GRPC-Web',
  http: 'HTTP',
  http_proxy: 'HTTP_PROXY',
  http2: 'HTTP2',
  https: 'HTTPS',
  tls: 'TLS',
  mongo: 'MONGO',
  redis: 'REDIS',
  mysql: 'MYSQL',
};
const byAppProtocol: Readonly<Record<string, Protocol>> = {
  'kubernetes.io/h2c': 'HTTP2',
  'kubernetes.io/ws': 'HTTP',
  'kubernetes.io/wss': 'HTTPS',
};
const serverFirstPorts: ReadonlySet<number> = new Set([25, 53, 3306, 27017]);
const rawProtocols: ReadonlySet<Protocol> = new Set<Protocol>([
  'TCP',
  'TLS',
  'HTTPS',
  'MONGO',
  'REDIS',
  'MYSQL',
]);

/**
 * The protocol of a Service port: UDP first, then `appProtocol`, then the port's name, then the well-known ports.
 * Source: Istio `pkg/config/kube/conversion.go`.
 */
export function servicePortProtocol(port: Json | undefined): Protocol {
  if (stringIn(port, 'protocol') === 'UDP') {
    return 'UDP';
  }
  const appProtocol = stringIn(port, 'appProtocol');
  const word = appProtocol ?? stringIn(port, 'name') ?? '';
  const special = appProtocol === undefined ? undefined : byAppProtocol[appProtocol.toLowerCase()];
  return (
    special ??
    protocolOfName(word) ??
    (serverFirstPorts.has(numberIn(port, 'port') ?? 0) ? 'TCP' : 'sniffed')
  );
}

/** The protocol that a port's name declares (`tcp-db`, `grpc-web-x`, `HTTP`), case ignored; undefined for other names. */
export function protocolOfName(name: string): Protocol | undefined {
  const lower = name.toLowerCase();
  if (lower === 'grpc-web' || lower.startsWith('grpc-web-')) {
    return 'GRPC-Web';
  }
  const dash = lower.indexOf('-');
  const word = dash < 0 ? lower : lower.slice(0, dash);
  return Object.hasOwn(byWord, word) ? byWord[word] : undefined;
}

/** The section of a VirtualService that routes raw or HTTP connections to a Service port; for a guessed one its raw part. */
export function routeSection(port: Json | undefined): RouteSection {
  const protocol = servicePortProtocol(port);
  if (protocol === 'TLS' || protocol === 'HTTPS') {
    return 'tls';
  }
  return protocol === 'sniffed' || rawProtocols.has(protocol) ? 'tcp' : 'http';
}

/** The class of a Service port's connections; WebSockets are streams, which a drain does not end by itself. */
export function connectionClass(port: Json | undefined): ConnectionClass {
  const protocol = servicePortProtocol(port);
  if (protocol === 'UDP') {
    return 'none';
  }
  if (protocol === 'sniffed') {
    return 'sniffed';
  }
  if (rawProtocols.has(protocol)) {
    return 'tcp';
  }
  return stringIn(port, 'appProtocol') === 'kubernetes.io/ws' ? 'stream' : 'http';
}
