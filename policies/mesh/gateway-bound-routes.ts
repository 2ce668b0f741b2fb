import { compareAge, type Resource } from '../core/resource.ts';
import { exportGroup } from './exports.ts';
import { gatewayReference } from './gateway-names.ts';
import { gatewayKey } from './keys.ts';
import type { Mesh } from './mesh.ts';

/**
 * The VirtualServices that a Gateway's proxies read, in istiod's order: exported by `.` or by name to the namespace of
 * the proxy before public, then the oldest. All of them where that namespace is unknown.
 * Source: Istio `pilot/pkg/model/push_context.go` VirtualServicesForGateway, observed.
 */
export function boundTo(
  gateway: Resource,
  proxyNamespace: string | undefined,
  mesh: Mesh,
): readonly Resource[] {
  const bound = [...mesh.byKey('VirtualService', gatewayKey(gatewayReference(gateway)))].sort(
    compareAge,
  );
  if (proxyNamespace === undefined) {
    return bound;
  }
  return (['private', 'public'] as const).flatMap((group) =>
    bound.filter((candidate) => exportGroup(candidate, proxyNamespace, mesh) === group),
  );
}
