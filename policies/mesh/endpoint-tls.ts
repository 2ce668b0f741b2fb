import { stringIn } from '../core/json.ts';
import type { Resource } from '../core/resource.ts';
import { compareAge } from '../core/resource.ts';
import { indexedLabel, labelKey } from './keys.ts';
import { matchesLabels } from './labels.ts';
import type { Mesh } from './mesh.ts';
import { hasSidecar, proxyModeOf } from './proxy-mode.ts';
import { selectorOf, workloadsOf } from './services.ts';
import { proxyContainerOf, workloadOf, type Workload } from './workload.ts';

/** How a Pod takes part in mutual TLS; `unknown`: ambient, or the inputs do not tell. */
export interface EndpointTls {
  readonly workload: Workload;
  /** It has a proxy, which accepts what its PeerAuthentication says. */
  readonly proxy: boolean | 'unknown';
  /** Clients with auto mTLS send it Istio's TLS. */
  readonly offered: boolean | 'unknown';
}

const tlsModeLabel = 'security.istio.io/tlsMode';

/**
 * The Pods behind a Service as clients see them: the running ones where any are among the objects, else the workloads
 * that make them. Cost: O(objects that share the selector's indexed label).
 */
export function endpointsOf(service: Resource, mesh: Mesh): readonly EndpointTls[] {
  return mesh.memo(service, 'endpointsOf', () => findEndpoints(service, mesh));
}

function findEndpoints(service: Resource, mesh: Mesh): readonly EndpointTls[] {
  const selector = selectorOf(service);
  const label = indexedLabel(selector);
  if (label === undefined) {
    return [];
  }
  const pods = [...mesh.byKey('Pod', labelKey(service.namespace, label, selector[label] ?? ''))]
    .sort(compareAge)
    .filter((pod) => isRunning(pod) && matchesLabels(selector, pod.labels));
  const workloads =
    pods.length > 0 ? pods.flatMap((pod) => workloadOf(pod) ?? []) : workloadsOf(service, mesh);
  return workloads
    .filter(({ resource }) => resource.type !== 'Job' && resource.type !== 'CronJob')
    .map((workload) => endpointTls(workload, mesh));
}

/** A Pod's part in mutual TLS: by its label, which the injector sets and clients read, and by its proxy. */
export function endpointTls(workload: Workload, mesh: Mesh): EndpointTls {
  const label = workload.labels[tlsModeLabel];
  const proxy = hasProxy(workload, mesh);
  if (label !== undefined) {
    const injected = label === 'istio' && isRunning(workload.resource);
    return { workload, proxy: injected || proxy, offered: label === 'istio' };
  }
  // The injector's label is missing from a Pod that runs already, and nothing will add it.
  return {
    workload,
    proxy,
    offered: isRunning(workload.resource) && proxy === true ? false : proxy,
  };
}

/** Whether an object is a Pod that has been given an address. */
export function isRunning(resource: Resource): boolean {
  return resource.type === 'Pod' && stringIn(resource.object, 'status', 'podIP') !== undefined;
}

function hasProxy(workload: Workload, mesh: Mesh): boolean | 'unknown' {
  if (isRunning(workload.resource) && proxyContainerOf(workload) !== undefined) {
    return true;
  }
  const mode = proxyModeOf(workload, mesh);
  if (mode.mode === 'unknown' || mode.mode === 'ambient') {
    return 'unknown';
  }
  return hasSidecar(mode) && !isRunning(workload.resource);
}
