import { stringIn } from '../core/json.ts';
import type { Resource } from '../core/resource.ts';
import { compareText } from '../core/resource.ts';
import { clientTls } from './client-tls.ts';
import { clientsOf, clientViews } from './clients.ts';
import {
  accepts,
  databasePortsOf,
  type DatabasePort,
  type DatabaseServer,
} from './database-connections.ts';
import type { DatabaseKind } from './database-kinds.ts';
import type { Databases } from './database-index.ts';
import { databaseOnPort } from './databases.ts';
import { isRunning } from './endpoint-tls.ts';
import { exportGroup } from './exports.ts';
import type { Interception, InterceptionSetting } from './interception.ts';
import { portKey } from './keys.ts';
import type { Mesh } from './mesh.ts';
import { hostOf, isHeadless, servicesOf } from './services.ts';
import { importsHost, sidecarFor } from './sidecar-scope.ts';
import type { Workload } from './workload.ts';

/** A database port of a workload's own Pods that its proxy does not intercept, though clients send it TLS. */
export interface ExcludedInbound {
  readonly setting: InterceptionSetting;
  readonly port: number;
  readonly kind: DatabaseKind;
  /** For people: `clients in namespace db`. */
  readonly clients: string;
}

/** A database that a workload's connections reach around its proxy. */
export interface BypassedServer {
  readonly setting: InterceptionSetting;
  readonly database: DatabasePort;
  readonly server: DatabaseServer;
  readonly takes: ReturnType<typeof accepts>;
}

/** A database port that connections reach around the proxy, with nothing known to refuse them. */
export interface KnownBypass {
  readonly setting: InterceptionSetting;
  readonly port: number;
  readonly kind: DatabaseKind;
}

/** How many Services on database ports are looked at for one workload that excludes some. */
const mostServersJudged = 100;

/** The excluded database ports of a workload for which some client still sends Istio's TLS. */
export function excludedInbound(
  workload: Workload,
  interception: Interception,
  databases: Databases,
  mesh: Mesh,
): readonly ExcludedInbound[] {
  if (!interception.declared) {
    return [];
  }
  const found = new Map<number, ExcludedInbound>();
  for (const service of servicesOf(workload, mesh)) {
    for (const database of databasePortsOf(service, databases, mesh)) {
      const server = database.servers.find(
        ({ endpoint }) => endpoint.workload.resource === workload.resource,
      );
      const setting = server && interception.inbound(server.workloadPort);
      const clients = server && setting && clientsSendingTls(database, server, mesh);
      if (server !== undefined && setting !== undefined && clients !== undefined) {
        const port = server.workloadPort;
        found.set(port, { setting, port, kind: database.kind, clients });
      }
    }
  }
  return [...found.values()];
}

/** The databases of the mesh that a workload may dial and whose address or port its proxy does not intercept. */
export function bypassedServers(
  workload: Workload,
  interception: Interception,
  databases: Databases,
  mesh: Mesh,
): readonly BypassedServer[] {
  if (!interception.declared) {
    return [];
  }
  const ports = new Set([
    ...databases.flatMap((kind) => kind.ports),
    ...interception.excludedOutboundPorts,
  ]);
  const services = new Set([...ports].flatMap((port) => [...mesh.byKey('Service', portKey(port))]));
  const sidecar = sidecarFor(workload, mesh);
  return [...services]
    .sort((left, right) => compareNearness(left, right, workload))
    .slice(0, mostServersJudged)
    .filter((service) => isVisible(service, workload, sidecar, mesh))
    .flatMap((service) => databasePortsOf(service, databases, mesh))
    .flatMap((database) => bypassed(database, interception));
}

/** The database ports that are bypassed where no server of the mesh takes offence: a trade-off to be stated. */
export function knownBypass(
  interception: Interception,
  databases: Databases,
  servers: readonly BypassedServer[],
): readonly KnownBypass[] {
  const found = new Map<number, KnownBypass>();
  for (const port of interception.excludedOutboundPorts) {
    const kind = databaseOnPort(port, databases);
    const setting = interception.outbound(port, undefined);
    const known = servers.some(({ database }) => database.number === port);
    if (kind !== undefined && setting !== undefined && !known) {
      found.set(port, { setting, port, kind });
    }
  }
  for (const { setting, database, takes } of servers) {
    const refused = servers.some(
      (other) => other.database.number === database.number && other.takes === 'mtls',
    );
    if (takes === 'both' && !refused) {
      found.set(database.number, { setting, port: database.number, kind: database.kind });
    }
  }
  return [...found.values()].filter(({ setting }) => setting.at !== undefined);
}

function bypassed(database: DatabasePort, interception: Interception): readonly BypassedServer[] {
  const headless = isHeadless(database.service);
  for (const server of [...database.servers].sort(strictFirst)) {
    const { resource } = server.endpoint.workload;
    const podIP = isRunning(resource) ? stringIn(resource.object, 'status', 'podIP') : undefined;
    const address = headless ? podIP : stringIn(database.service.object, 'spec', 'clusterIP');
    const setting = interception.outbound(
      headless ? server.workloadPort : database.number,
      address,
    );
    if (setting !== undefined) {
      return [{ setting, database, server, takes: accepts(server) }];
    }
  }
  return [];
}

function strictFirst(left: DatabaseServer, right: DatabaseServer): number {
  return Number(accepts(right) === 'mtls') - Number(accepts(left) === 'mtls');
}

/** A workload's own namespace first: it is where most of its databases are. */
function compareNearness(left: Resource, right: Resource, workload: Workload): number {
  return (
    Number(right.namespace === workload.namespace) -
      Number(left.namespace === workload.namespace) ||
    compareText(left.namespace, right.namespace) ||
    compareText(left.name, right.name)
  );
}

function isVisible(
  service: Resource,
  client: Workload,
  sidecar: Resource | undefined,
  mesh: Mesh,
): boolean {
  const target = { namespace: service.namespace, host: hostOf(service, mesh) };
  return (
    exportGroup(service, client.namespace, mesh) !== undefined &&
    importsHost(sidecar, client.namespace, target, mesh)
  );
}

function clientsSendingTls(
  database: DatabasePort,
  server: DatabaseServer,
  mesh: Mesh,
): string | undefined {
  const { service, port, servers } = database;
  const endpoints = servers.map(({ endpoint }) => endpoint);
  const offers = server.endpoint.offered === true && server.mtls.mode !== 'DISABLE';
  const found = clientViews(hostOf(service, mesh), service, mesh).find((view) => {
    const sends = clientTls(service, port, view, endpoints, mesh)?.sends;
    return sends === 'istio' || (sends === 'per-endpoint' && offers);
  });
  return found && clientsOf(found, service);
}
