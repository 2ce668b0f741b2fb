import type { Resource } from '../core/resource.ts';
import { compareAge } from '../core/resource.ts';
import type { Databases } from './database-index.ts';
import { portKey } from './keys.ts';
import type { Mesh } from './mesh.ts';
import { selectedByPolicy } from './mtls.ts';
import { mostServicesJudged, workloadsSelected } from './reach.ts';
import { servicesOf } from './services.ts';
import type { Workload } from './workload.ts';

/**
 * The Services of the whole mesh that may be databases: all of a small mesh, else those on a well-known port, the first
 * {@link mostServicesJudged}. Costs O(Services on those ports).
 */
export function databaseServices(databases: Databases, mesh: Mesh): readonly Resource[] {
  if (mesh.count('Service') <= mostServicesJudged) {
    const namespaces = [...mesh.namespacesWith('Service')];
    return namespaces
      .flatMap((namespace) => [...mesh.inNamespace('Service', namespace)])
      .sort(compareAge);
  }
  const found = new Set<Resource>();
  for (const { ports } of databases) {
    for (const port of ports) {
      for (const service of mesh.byKey('Service', portKey(port))) {
        found.add(service);
      }
    }
  }
  return [...found].sort(compareAge).slice(0, mostServicesJudged);
}

/** The workloads that a PeerAuthentication with a selector is for; none for one without, which is for all. */
export function workloadsOfPolicy(policy: Resource, mesh: Mesh): readonly Workload[] {
  const labels = selectedByPolicy(policy);
  return labels === undefined ? [] : workloadsSelected(policy.namespace, labels, mesh);
}

/** The Services in front of the workloads that a PeerAuthentication selects. */
export function servicesOfPolicy(policy: Resource, mesh: Mesh): readonly Resource[] {
  const found = new Set(
    workloadsOfPolicy(policy, mesh).flatMap((workload) => servicesOf(workload, mesh)),
  );
  return [...found].sort(compareAge);
}
