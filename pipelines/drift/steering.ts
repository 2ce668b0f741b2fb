import { groupOf } from '../compare/manifest.ts';
import type { Path } from './differences.ts';

const meshGroups: ReadonlySet<string> = new Set([
  'networking.istio.io',
  'security.istio.io',
  'telemetry.istio.io',
  'extensions.istio.io',
  'gateway.networking.k8s.io',
  'gateway.networking.x-k8s.io',
]);

/** Whether the group's objects are the mesh's own configuration. */
export function isMeshGroup(group: string): boolean {
  return meshGroups.has(group);
}

/** Labels and annotations by which Istio or meshgate tells what it did, not what it shall do. */
const bookkeeping: ReadonlySet<string> = new Set([
  'sidecar.istio.io/status',
  'ambient.istio.io/redirection',
  'istio.io/gateway-name',
  'istio.io/owned-by',
  'meshgate.dev/filled',
]);

/** Whether a label or annotation decides on injection, revision, data plane mode, waypoint, proxy settings or meshgate's verdict. */
function steersMesh(key: string): boolean {
  const domain = key.includes('/') ? key.slice(0, key.indexOf('/')) : '';
  return (
    key === 'istio-injection' ||
    ((domain === 'istio.io' || domain.endsWith('.istio.io') || domain === 'meshgate.dev') &&
      !domain.endsWith('internal.istio.io') &&
      !domain.endsWith('operator.istio.io') &&
      !bookkeeping.has(key))
  );
}

/**
 * Whether an addition by somebody else changes what the mesh does: the spec of mesh kinds, labels and annotations that
 * steer, and a Service's ports and selector. Elsewhere it is information.
 */
export function countsAsForeign(apiVersion: string, kind: string, path: Path): boolean {
  const group = groupOf(apiVersion);
  const [top, field] = path;
  if (isMeshGroup(group) && top === 'spec') {
    return true;
  }
  if (group === '' && kind === 'Service' && top === 'spec') {
    return field === 'ports' || field === 'selector';
  }
  const [holder, key] = path.slice(-2);
  return (
    path.at(-3) === 'metadata' &&
    (holder === 'labels' || holder === 'annotations') &&
    typeof key === 'string' &&
    steersMesh(key)
  );
}
