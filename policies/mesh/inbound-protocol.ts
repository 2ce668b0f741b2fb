import type { Json } from '../core/json.ts';
import type { Resource } from '../core/resource.ts';
import type { Mesh } from './mesh.ts';
import { servicePortProtocol, type Protocol } from './protocol.ts';
import { portsOf, servicesOf } from './services.ts';
import { workloadPort } from './target-ports.ts';
import type { Workload } from './workload.ts';

/** The Service port that gives a port of the Pods its one protocol. */
export interface InboundProtocol {
  readonly service: Resource;
  readonly port: Json;
  readonly protocol: Protocol;
}

/**
 * Who decides how a workload's proxy reads connections to a port of its Pods: the first Service, by age and then name,
 * that targets it. Source: observed; Istio builds inbound listeners from the oldest Service.
 */
export function inboundProtocol(
  workload: Workload,
  podPort: number,
  mesh: Mesh,
): InboundProtocol | undefined {
  for (const service of servicesOf(workload, mesh)) {
    const port = portsOf(service).find(
      (candidate) => workloadPort(candidate, workload) === podPort,
    );
    if (port !== undefined) {
      return { service, port, protocol: servicePortProtocol(port) };
    }
  }
  return undefined;
}

/** The other Services that send to a port of a workload's Pods, and are read as the first one says. */
export function inboundRivals(
  service: Resource,
  workload: Workload,
  podPort: number,
  mesh: Mesh,
): readonly Resource[] {
  return servicesOf(workload, mesh).filter(
    (other) =>
      other !== service && portsOf(other).some((port) => workloadPort(port, workload) === podPort),
  );
}
