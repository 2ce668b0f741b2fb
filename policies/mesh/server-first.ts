import { formatDuration, parseDuration } from '../core/duration.ts';
import type { Resource } from '../core/resource.ts';
import {
  accepts,
  databasePortsOf,
  type DatabasePort,
  type DatabaseServer,
} from './database-connections.ts';
import type { Databases } from './database-index.ts';
import { interceptionOf } from './interception.ts';
import { meshConfig, protoMember } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';

/** A port of a server-first database on which plaintext clients wait. */
export interface PermissivePort {
  readonly database: DatabasePort;
  readonly server: DatabaseServer;
  /** How long, as Istio writes it; undefined: for ever. */
  readonly wait: string | undefined;
}

/** The ports of server-first databases whose proxies look at the first bytes of the client, and take plaintext. */
export function permissivePorts(
  service: Resource,
  databases: Databases,
  mesh: Mesh,
): readonly PermissivePort[] {
  return databasePortsOf(service, databases, mesh).flatMap((database) => {
    const server =
      database.kind.serverFirst === false
        ? undefined
        : database.servers.find(
            (candidate) =>
              accepts(candidate) === 'both' &&
              interceptionOf(candidate.endpoint.workload, mesh).inbound(candidate.workloadPort) ===
                undefined,
          );
    return server === undefined ? [] : [{ database, server, wait: detectionTimeout(mesh) }];
  });
}

/** `protocolDetectionTimeout` of the mesh config; undefined where it is 0, which is the default. */
export function detectionTimeout(mesh: Mesh): string | undefined {
  const text = protoMember(meshConfig(mesh), 'protocolDetectionTimeout');
  const timeout = typeof text === 'string' ? parseDuration(text) : undefined;
  return timeout !== undefined && timeout > 0 ? formatDuration(timeout) : undefined;
}
