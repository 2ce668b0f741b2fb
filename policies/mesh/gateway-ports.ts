import { listIn, numberIn } from '../core/json.ts';
import type { Resource } from '../core/resource.ts';
import { gatewaysOn, type GatewayProxy } from './gateway-proxies.ts';
import { serversOf } from './gateway-servers.ts';
import type { Mesh } from './mesh.ts';

/** A port number that no server of a gateway uses. */
export interface FreePort {
  readonly port: number;
  /** The Service of the gateway that has the port already; undefined: it has to be added. */
  readonly service: Resource | undefined;
}

const highestPort = 65_535;

/** The nearest free port from `wanted` upwards: one that a Service of the gateway has, else the next number. */
export function freePort(wanted: number, proxy: GatewayProxy, mesh: Mesh): FreePort {
  const used = new Set(
    gatewaysOn(proxy.labels, mesh)
      .flatMap(serversOf)
      .map(({ port }) => port),
  );
  const offered = proxy.services
    .flatMap((service) =>
      listIn(service.object, 'spec', 'ports').flatMap((candidate) => {
        const port = numberIn(candidate, 'port');
        return port === undefined || port <= wanted || used.has(port) ? [] : [{ port, service }];
      }),
    )
    .sort((left, right) => left.port - right.port);
  const [nearest] = offered;
  if (nearest !== undefined && nearest.port - wanted < nearEnough) {
    return nearest;
  }
  let port = wanted + 1;
  while (used.has(port) && port < highestPort) {
    port += 1;
  }
  return { port, service: undefined };
}

/** Farther ports of a Service are likely for something else: 15021 is no place for a second 5432. */
const nearEnough = 100;
