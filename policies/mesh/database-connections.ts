import { numberIn, type Json } from '../core/json.ts';
import { workloadKinds } from '../core/kinds.ts';
import type { Resource } from '../core/resource.ts';
import { clientTls, type ClientTls } from './client-tls.ts';
import { clientsOf, clientViews, type ClientView } from './clients.ts';
import type { DatabaseKind } from './database-kinds.ts';
import type { Databases } from './database-index.ts';
import { databaseOfServicePort } from './databases.ts';
import { endpointsOf, type EndpointTls } from './endpoint-tls.ts';
import type { Mesh } from './mesh.ts';
import { effectiveMtls, type EffectiveMtls } from './mtls.ts';
import { proxyModeOf } from './proxy-mode.ts';
import { hostOf, portsOf } from './services.ts';
import { workloadPort } from './target-ports.ts';
import { workloadOf } from './workload.ts';

/** A database's port with the Pods behind it. */
export interface DatabasePort {
  readonly service: Resource;
  readonly port: Json;
  /** Its index in the Service's list. */
  readonly index: number;
  readonly number: number;
  readonly kind: DatabaseKind;
  readonly servers: readonly DatabaseServer[];
}

/** Pods of a database and what they accept on one of their ports. */
export interface DatabaseServer {
  readonly endpoint: EndpointTls;
  /** The port of the Pods, not of the Service. */
  readonly workloadPort: number;
  readonly mtls: EffectiveMtls;
}

/** Clients that send what a server does not take. */
export interface TlsConflict {
  readonly database: DatabasePort;
  readonly server: DatabaseServer;
  readonly client: ClientTls;
  readonly view: ClientView;
}

/** How many workloads of a namespace are looked at to tell whether it has clients. */
const mostClientsLookedAt = 50;

/** The database ports of a Service with the servers behind them. */
export function databasePortsOf(
  service: Resource,
  databases: Databases,
  mesh: Mesh,
): readonly DatabasePort[] {
  let endpoints: readonly EndpointTls[] | undefined;
  return portsOf(service).flatMap((port, index) => {
    const kind = databaseOfServicePort(service, port, databases, mesh);
    const number = numberIn(port, 'port');
    if (kind === undefined || number === undefined) {
      return [];
    }
    // Most Services are no databases: their Pods are not looked at.
    endpoints ??= endpointsOf(service, mesh);
    const servers = endpoints.flatMap((endpoint) => {
      const target = workloadPort(port, endpoint.workload);
      return target === undefined
        ? []
        : [
            {
              endpoint,
              workloadPort: target,
              mtls: effectiveMtls(endpoint.workload, target, mesh),
            },
          ];
    });
    return [{ service, port, index, number, kind, servers }];
  });
}

/** Where the clients of a Service's database ports send TLS or plaintext that the Pods do not take. */
export function tlsConflicts(
  service: Resource,
  databases: Databases,
  mesh: Mesh,
): readonly TlsConflict[] {
  const ports = databasePortsOf(service, databases, mesh);
  if (ports.length === 0) {
    return [];
  }
  const views = clientViews(hostOf(service, mesh), service, mesh).filter((view) =>
    hasClients(view, service, mesh),
  );
  return ports.flatMap((database) =>
    views.flatMap((group) => {
      const view = { ...group, description: clientsOf(group, service) };
      const endpoints = database.servers.map(({ endpoint }) => endpoint);
      const client = clientTls(service, database.port, view, endpoints, mesh);
      const server = client && database.servers.find((candidate) => refuses(candidate, client));
      return client === undefined || server === undefined
        ? []
        : [{ database, server, client, view }];
    }),
  );
}

/** What a server takes: mutual TLS only, plaintext only, both, or unknown. */
export function accepts(server: DatabaseServer): 'mtls' | 'plaintext' | 'both' | 'unknown' {
  const { proxy } = server.endpoint;
  if (proxy === 'unknown') {
    return 'unknown';
  }
  if (!proxy || server.mtls.mode === 'DISABLE') {
    return 'plaintext';
  }
  return server.mtls.mode === 'STRICT' ? 'mtls' : 'both';
}

function refuses(server: DatabaseServer, client: ClientTls): boolean {
  switch (client.sends) {
    case 'istio':
      return accepts(server) === 'plaintext';
    case 'plaintext':
    case 'tls':
      return accepts(server) === 'mtls';
    case 'per-endpoint':
      return false;
  }
}

/** A namespace that only holds rules has no clients that they could harm. */
function hasClients(view: ClientView, service: Resource, mesh: Mesh): boolean {
  const { namespace } = view;
  if (namespace === undefined || namespace === service.namespace) {
    return true;
  }
  let seen = 0;
  for (const kind of workloadKinds) {
    for (const resource of mesh.inNamespace(kind, namespace)) {
      seen += 1;
      if (seen > mostClientsLookedAt || mayHaveProxy(resource, mesh)) {
        return true;
      }
    }
  }
  return false;
}

function mayHaveProxy(resource: Resource, mesh: Mesh): boolean {
  const workload = workloadOf(resource);
  const mode = workload === undefined ? 'none' : proxyModeOf(workload, mesh).mode;
  return mode !== 'none' && mode !== 'ambient';
}
