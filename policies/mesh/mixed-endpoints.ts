import type { Resource } from '../core/resource.ts';
import { clientTls } from './client-tls.ts';
import { clientsOf, clientViews } from './clients.ts';
import { databasePortsOf, type DatabasePort } from './database-connections.ts';
import type { Databases } from './database-index.ts';
import { endpointTls, type EndpointTls } from './endpoint-tls.ts';
import type { Mesh } from './mesh.ts';
import { hostOf, servicesOf } from './services.ts';
import type { Workload } from './workload.ts';

/** A database port for whose Pods clients have one socket, with a sidecar in some of them only. */
export interface MixedService {
  readonly service: Resource;
  readonly database: DatabasePort;
  /** For people: `clients in namespace app`. */
  readonly clients: string;
  /** A Pod with a sidecar that takes mutual TLS only, so that it refuses what clients send. */
  readonly refusing: EndpointTls | undefined;
  /** A Pod that offers mutual TLS. */
  readonly offering: EndpointTls;
}

/**
 * The headless Services (or those with load balancing PASSTHROUGH) for whose clients this workload, which offers no
 * mutual TLS, turns it off towards the others. Auto mTLS asks all endpoints and takes the weakest.
 */
export function mixedServices(
  workload: Workload,
  databases: Databases,
  mesh: Mesh,
): readonly MixedService[] {
  if (endpointTls(workload, mesh).offered !== false) {
    return [];
  }
  return servicesOf(workload, mesh).flatMap((service) => {
    for (const database of databasePortsOf(service, databases, mesh)) {
      const mixed = mixedPort(workload, database, mesh);
      if (mixed !== undefined) {
        return [mixed];
      }
    }
    return [];
  });
}

function mixedPort(
  workload: Workload,
  database: DatabasePort,
  mesh: Mesh,
): MixedService | undefined {
  const { service, port, servers } = database;
  const offering = servers.find(({ endpoint }) => endpoint.offered === true);
  if (offering === undefined) {
    return undefined;
  }
  const endpoints = [endpointTls(workload, mesh), ...servers.map(({ endpoint }) => endpoint)];
  const view = clientViews(hostOf(service, mesh), service, mesh).find(
    (candidate) => clientTls(service, port, candidate, endpoints, mesh)?.why === 'mixed',
  );
  const refusing = servers.find(
    ({ endpoint, mtls }) => endpoint.proxy === true && mtls.mode === 'STRICT',
  );
  return view === undefined
    ? undefined
    : {
        service,
        database,
        clients: clientsOf(view, service),
        refusing: refusing?.endpoint,
        offering: offering.endpoint,
      };
}
