import { listIn, numberIn, stringIn } from '../core/json.ts';
import type { Pointer } from '../core/pointer.ts';
import type { Resource } from '../core/resource.ts';
import type { Databases } from './database-index.ts';
import { databaseOf } from './databases.ts';
import type { Mesh } from './mesh.ts';
import { portLevelKeys, portLevelPointer, selectedByPolicy } from './mtls.ts';
import { workloadsOfPolicy } from './database-services.ts';
import { portsOf, servicesOf } from './services.ts';
import { sidecarFor } from './sidecar-scope.ts';
import { workloadPort } from './target-ports.ts';
import { appContainersOf, type Workload } from './workload.ts';

/** A key of `portLevelMtls` that is no port of the Pods. */
export interface MisplacedPortLevel {
  readonly key: number;
  /** What the number is instead: `the port of Service my`. */
  readonly what: string;
  /** The port that was meant. */
  readonly workloadPort: number;
  readonly at: Pointer;
}

/**
 * The keys of a policy's `portLevelMtls` that are not ports of the database Pods that it selects, but the Service's or
 * a Sidecar's defaultEndpoint; `no-selector` where the policy selects nothing, which Istio refuses.
 */
export function misplacedPortLevels(
  policy: Resource,
  databases: Databases,
  mesh: Mesh,
): readonly MisplacedPortLevel[] | 'no-selector' {
  const keys = portLevelKeys(policy);
  if (keys.length === 0) {
    return [];
  }
  if (selectedByPolicy(policy) === undefined) {
    return 'no-selector';
  }
  const workloads = workloadsOfPolicy(policy, mesh).filter(
    (workload) => databaseOf(workload, databases, mesh) !== undefined,
  );
  const meant = workloads.flatMap((workload) => otherNumbers(workload, mesh));
  const own = new Set(workloads.flatMap((workload) => podPorts(workload, mesh)));
  return keys.flatMap((key) => {
    const other = own.has(Number(key))
      ? undefined
      : meant.find((candidate) => String(candidate.key) === key);
    return other === undefined ? [] : [{ ...other, at: portLevelPointer(key) }];
  });
}

function otherNumbers(workload: Workload, mesh: Mesh): readonly Omit<MisplacedPortLevel, 'at'>[] {
  const ofServices = servicesOf(workload, mesh).flatMap((service) =>
    portsOf(service).flatMap((port) => {
      const key = numberIn(port, 'port');
      const target = workloadPort(port, workload);
      return key === undefined || target === undefined || key === target
        ? []
        : [{ key, what: `the port of Service ${service.name}`, workloadPort: target }];
    }),
  );
  return [...ofServices, ...ingressEndpoints(workload, mesh)];
}

function ingressEndpoints(
  workload: Workload,
  mesh: Mesh,
): readonly Omit<MisplacedPortLevel, 'at'>[] {
  const sidecar = sidecarFor(workload, mesh);
  return listIn(sidecar?.object, 'spec', 'ingress').flatMap((listener) => {
    const port = numberIn(listener, 'port', 'number');
    const endpoint = /:(\d+)$/u.exec(stringIn(listener, 'defaultEndpoint') ?? '')?.[1];
    return port === undefined || endpoint === undefined || Number(endpoint) === port
      ? []
      : [
          {
            key: Number(endpoint),
            what: `the defaultEndpoint of Sidecar ${sidecar?.name ?? ''}`,
            workloadPort: port,
          },
        ];
  });
}

function podPorts(workload: Workload, mesh: Mesh): readonly number[] {
  const targets = servicesOf(workload, mesh).flatMap((service) =>
    portsOf(service).flatMap((port) => workloadPort(port, workload) ?? []),
  );
  const declared = appContainersOf(workload).flatMap(({ container }) =>
    listIn(container, 'ports').flatMap((port) => numberIn(port, 'containerPort') ?? []),
  );
  return [...targets, ...declared];
}
