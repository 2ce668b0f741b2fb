import { listIn, numberIn, stringMapIn } from '../core/json.ts';
import { compareAge, compareText, type Resource } from '../core/resource.ts';
import { labelKey } from './keys.ts';
import { matchesLabels, type Labels } from './labels.ts';
import type { Mesh } from './mesh.ts';
import { selectorOf, servicesOf } from './services.ts';
import { isControlled, workloadOf, type Workload } from './workload.ts';

/** Proxies that serve Gateways: the Pods of one workload, or what a Service tells of them where no workload is known. */
export interface GatewayProxy {
  /** Undefined where nothing tells. */
  readonly namespace: string | undefined;
  readonly labels: Labels;
  /** The Services that lead to it, oldest first. */
  readonly services: readonly Resource[];
  readonly workload: Workload | undefined;
}

/** The kinds of what a Gateway may select. */
export const proxyKinds = [
  'Deployment',
  'DaemonSet',
  'StatefulSet',
  'Rollout',
  'ReplicaSet',
  'Pod',
] as const;
const mostProxies = 20;

/**
 * The proxies that a Gateway selects, in any namespace, by namespace and name; at most {@link mostProxies}. Without a known
 * workload the Services that lead to such Pods stand for them, and without those the selector itself.
 * Source: Istio `pilot/pkg/model/push_context.go`. Costs O(objects that carry a label of the selector).
 */
export function proxiesOf(gateway: Resource, mesh: Mesh): readonly GatewayProxy[] {
  const selector = stringMapIn(gateway.object, 'spec', 'selector');
  const workloads = gatewayWorkloads(selector, mesh);
  if (workloads.length > 0) {
    return workloads.map((workload) => ({
      namespace: workload.namespace,
      labels: workload.labels,
      services: servicesOf(workload, mesh),
      workload,
    }));
  }
  const services = servicesAround(selector, mesh);
  return services.length > 0
    ? services.map((service) => proxyBehind(service, selector))
    : [{ namespace: undefined, labels: selector, services: [], workload: undefined }];
}

/** The workloads in any namespace that carry the labels of a Gateway's selector. */
export function gatewayWorkloads(selector: Labels, mesh: Mesh): readonly Workload[] {
  return proxyKinds
    .flatMap((kind) => [...carriers(kind, selector, mesh)])
    .filter((resource) => !isControlled(resource))
    .flatMap((resource) => workloadOf(resource) ?? [])
    .filter(({ labels }) => matchesLabels(selector, labels))
    .sort(byPlace)
    .slice(0, mostProxies);
}

/** The Gateways that a proxy serves, oldest first, as istiod merges them. Costs O(Gateways that share a label). */
export function gatewaysOn(labels: Labels, mesh: Mesh): readonly Resource[] {
  const found = new Set<Resource>();
  for (const [label, value] of Object.entries(labels)) {
    for (const gateway of mesh.byKey('Gateway', labelKey('', label, value))) {
      if (matchesLabels(stringMapIn(gateway.object, 'spec', 'selector'), labels)) {
        found.add(gateway);
      }
    }
  }
  return [...found].sort(compareAge);
}

/** The proxies behind a Service, as far as Gateways can select them. */
export function proxiesBehind(service: Resource, mesh: Mesh): readonly GatewayProxy[] {
  const selector = selectorOf(service);
  const workloads = gatewayWorkloads(selector, mesh).filter(
    ({ namespace }) => namespace === service.namespace,
  );
  return workloads.length === 0
    ? [proxyBehind(service, {})]
    : workloads.map((workload) => ({
        namespace: workload.namespace,
        labels: workload.labels,
        services: servicesOf(workload, mesh),
        workload,
      }));
}

/** The port on which a proxy listens for a server: the target of the Service port with the server's number, else the number. */
export function listeningPort(
  number: number,
  { services }: Pick<GatewayProxy, 'services'>,
): number {
  for (const service of services) {
    const port = listIn(service.object, 'spec', 'ports').find(
      (candidate) => numberIn(candidate, 'port') === number,
    );
    if (port !== undefined) {
      return numberIn(port, 'targetPort') ?? number;
    }
  }
  return number;
}

function carriers(
  kind: (typeof proxyKinds)[number],
  selector: Labels,
  mesh: Mesh,
): ReadonlySet<Resource> {
  const [smallest] = Object.entries(selector)
    .map(([label, value]) => mesh.byKey(kind, labelKey('', label, value)))
    .sort((left, right) => left.size - right.size);
  return smallest ?? new Set();
}

function servicesAround(selector: Labels, mesh: Mesh): readonly Resource[] {
  const found = new Set<Resource>();
  for (const [label, value] of Object.entries(selector)) {
    for (const service of mesh.byKey('Service', labelKey('', label, value))) {
      if (agree(selector, selectorOf(service))) {
        found.add(service);
      }
    }
  }
  return [...found].sort(byPlaceOfResource).slice(0, mostProxies);
}

function proxyBehind(service: Resource, selector: Labels): GatewayProxy {
  const labels = { ...selectorOf(service), ...selector };
  return { namespace: service.namespace, labels, services: [service], workload: undefined };
}

function agree(left: Labels, right: Labels): boolean {
  return Object.keys(left).every(
    (label) => !Object.hasOwn(right, label) || left[label] === right[label],
  );
}

function byPlace(left: Workload, right: Workload): number {
  return byPlaceOfResource(left.resource, right.resource);
}

function byPlaceOfResource(left: Resource, right: Resource): number {
  return compareText(left.namespace, right.namespace) || compareText(left.name, right.name);
}

/** The namespaces of the proxies that serve some Gateways (`namespace/name`), as far as the inputs tell. */
export function gatewayNamespacesOf(gateways: readonly string[], mesh: Mesh): readonly string[] {
  const namespaces = gateways.flatMap((reference) => {
    const [namespace = '', name = ''] = reference.split('/');
    const gateway = mesh.get('Gateway', namespace, name);
    return gateway === undefined
      ? []
      : proxiesOf(gateway, mesh).flatMap((proxy) => proxy.namespace ?? []);
  });
  return [...new Set(namespaces)];
}
