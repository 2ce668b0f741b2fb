import type { Resource } from '../core/resource.ts';
import { isInjectedNamespace } from './injection.ts';
import type { Labels } from './labels.ts';
import type { Mesh } from './mesh.ts';
import { proxyModeOf } from './proxy-mode.ts';
import { workloadsOf } from './services.ts';

/**
 * Whether only ztunnel carries what goes to a Service, as bytes: its Pods are in ambient mode, no waypoint stands before
 * it, and no namespace of the inputs has sidecars. Costs O(workloads behind the Service), and O(namespaces) once.
 */
export function isCarriedByZtunnelAlone(service: Resource, mesh: Mesh): boolean {
  const workloads = workloadsOf(service, mesh);
  const namespaceLabels = mesh.get('Namespace', '', service.namespace)?.labels;
  return (
    workloads.length > 0 &&
    workloads.every((workload) => proxyModeOf(workload, mesh).mode === 'ambient') &&
    !usesWaypoint({ ...namespaceLabels, ...service.labels }) &&
    !hasSidecars(mesh)
  );
}

/** Whether an object with these labels sends what comes to it through a waypoint. */
export function usesWaypoint(labels: Labels): boolean {
  return (labels['istio.io/use-waypoint'] ?? 'none') !== 'none';
}

function hasSidecars(mesh: Mesh): boolean {
  return mesh.memo('namespaces', 'have sidecars', () =>
    [...mesh.inNamespace('Namespace', '')].some(({ name }) => isInjectedNamespace(name, mesh)),
  );
}
