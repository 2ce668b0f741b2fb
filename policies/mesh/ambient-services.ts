import type { Resource } from '../core/resource.ts';
import { isInjectedNamespace } from './injection.ts';
import type { Mesh } from './mesh.ts';
import { proxyModeOf } from './proxy-mode.ts';
import { workloadsOf } from './services.ts';

const waypointLabel = 'istio.io/use-waypoint';

/**
 * Whether only ztunnel carries what goes to a Service, as bytes: its Pods are in ambient mode, no waypoint stands before
 * it, and no namespace of the inputs has sidecars. Costs O(workloads behind the Service), and O(namespaces) once.
 */
export function isCarriedByZtunnelAlone(service: Resource, mesh: Mesh): boolean {
  const workloads = workloadsOf(service, mesh);
  return (
    workloads.length > 0 &&
    workloads.every((workload) => proxyModeOf(workload, mesh).mode === 'ambient') &&
    !usesWaypoint(service, mesh) &&
    !hasSidecars(mesh)
  );
}

function usesWaypoint({ labels, namespace }: Resource, mesh: Mesh): boolean {
  const waypoint =
    labels[waypointLabel] ?? mesh.get('Namespace', '', namespace)?.labels[waypointLabel];
  return waypoint !== undefined && waypoint !== 'none';
}

function hasSidecars(mesh: Mesh): boolean {
  return mesh.memo('namespaces', 'have sidecars', () =>
    [...mesh.inNamespace('Namespace', '')].some(({ name }) => isInjectedNamespace(name, mesh)),
  );
}
