import { listIn, stringIn } from '../core/json.ts';
import {
  accepts,
  databasePortsOf,
  type DatabasePort,
  type DatabaseServer,
} from './database-connections.ts';
import type { Databases } from './database-index.ts';
import { clusterDomain } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';
import { proxyModeOf } from './proxy-mode.ts';
import { containersOf, type Workload } from './workload.ts';

/** A database that a workload without a proxy names in its configuration, and that takes mutual TLS only. */
export interface RefusedClient {
  readonly database: DatabasePort;
  readonly server: DatabaseServer;
  /** What names it: `environment variable DB_HOST`. */
  readonly named: string;
}

interface NamedHost {
  readonly host: string;
  readonly port: number | undefined;
  readonly named: string;
}

/** Only hosts written in full: a bare name may be a user or a schema as well. Source of the form: Kubernetes DNS. */
const hostForm =
  /(?<![\w.-])([a-z0-9-]+)\.([a-z0-9-]+)(?:\.svc(\.[a-z0-9.-]+)?)?(?::(\d{1,5}))?(?![\w.-])/gu;
const longestText = 4096;

/** The STRICT databases that a workload without a proxy is configured to dial. Cost: O(its environment and arguments). */
export function refusedClients(
  workload: Workload,
  databases: Databases,
  mesh: Mesh,
): readonly RefusedClient[] {
  if (proxyModeOf(workload, mesh).mode !== 'none') {
    return [];
  }
  const found = new Map<DatabasePort['service'], RefusedClient>();
  for (const { host, port, named } of namedHosts(workload, mesh)) {
    const [name = '', namespace = ''] = host.split('.', 2);
    const service = mesh.get('Service', namespace, name);
    for (const database of service === undefined ? [] : databasePortsOf(service, databases, mesh)) {
      const server = database.servers.find((candidate) => accepts(candidate) === 'mtls');
      if (server !== undefined && (port === undefined || port === database.number)) {
        found.set(database.service, { database, server, named });
      }
    }
  }
  return [...found.values()];
}

function namedHosts(workload: Workload, mesh: Mesh): readonly NamedHost[] {
  const domain = `.${clusterDomain(mesh)}`;
  return textsOf(workload).flatMap(([named, text]) =>
    [...text.slice(0, longestText).matchAll(hostForm)].flatMap(
      ([, name, namespace, suffix, port]) =>
        suffix === undefined || suffix === domain
          ? [
              {
                host: `${name ?? ''}.${namespace ?? ''}`,
                port: port === undefined ? undefined : Number(port),
                named,
              },
            ]
          : [],
    ),
  );
}

function textsOf(workload: Workload): readonly (readonly [string, string])[] {
  return containersOf(workload).flatMap(({ name, container }) => [
    ...listIn(container, 'env').map(
      (variable) =>
        [
          `environment variable ${stringIn(variable, 'name') ?? ''}`,
          stringIn(variable, 'value') ?? '',
        ] as const,
    ),
    ...[...listIn(container, 'command'), ...listIn(container, 'args')].map(
      (word) => [`an argument of container ${name}`, typeof word === 'string' ? word : ''] as const,
    ),
  ]);
}
