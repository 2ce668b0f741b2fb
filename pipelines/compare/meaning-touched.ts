import { listIn, stringIn, stringMapIn } from '../../policies/core/json.ts';
import { workloadKinds, type KindName } from '../../policies/core/kinds.ts';
import { compareText, type Resource } from '../../policies/core/resource.ts';
import { gatewayWorkloads } from '../../policies/mesh/gateway-proxies.ts';
import { isMeshConfig, rootNamespace } from '../../policies/mesh/mesh-config.ts';
import type { Mesh } from '../../policies/mesh/mesh.ts';
import { selectedLabels, workloadsReached, workloadsSelected } from '../../policies/mesh/reach.ts';
import { destinationHosts } from '../../policies/mesh/routes.ts';
import { serviceOfHost, workloadsOf } from '../../policies/mesh/services.ts';
import { isControlled, workloadOf, type Workload } from '../../policies/mesh/workload.ts';

/** More would cost a review its deadline, and nobody reads their names. */
export const mostWorkloads = 1000;

const selectors: Partial<Readonly<Record<KindName, readonly [string, string]>>> = {
  Sidecar: ['workloadSelector', 'labels'],
  EnvoyFilter: ['workloadSelector', 'labels'],
  ProxyConfig: ['selector', 'matchLabels'],
  PeerAuthentication: ['selector', 'matchLabels'],
  AuthorizationPolicy: ['selector', 'matchLabels'],
  RequestAuthentication: ['selector', 'matchLabels'],
  Telemetry: ['selector', 'matchLabels'],
  WasmPlugin: ['selector', 'matchLabels'],
};

/** The workloads that an object is, selects, or leads to. */
export function workloadsTouchedBy(resource: Resource, mesh: Mesh): readonly Workload[] {
  const own = workloadOf(resource);
  if (own !== undefined) {
    return isControlled(resource) ? [] : [own];
  }
  const path = selectors[resource.type];
  if (path !== undefined) {
    return selectedBy(resource, path, mesh);
  }
  return (
    leadsTo[resource.type]?.(resource, mesh) ??
    (isMeshConfig(resource, mesh) ? everyWorkload(mesh) : [])
  );
}

const leadsTo: Partial<
  Readonly<Record<KindName, (resource: Resource, mesh: Mesh) => readonly Workload[]>>
> = {
  DestinationRule: workloadsReached,
  Service: workloadsOf,
  VirtualService: (resource, mesh) =>
    [...destinationHosts(resource, mesh)].flatMap((host) => behindHost(host, mesh)),
  HTTPRoute: behindBackends,
  GRPCRoute: behindBackends,
  TLSRoute: behindBackends,
  TCPRoute: behindBackends,
  Gateway: ({ object }, mesh) => gatewayWorkloads(stringMapIn(object, 'spec', 'selector'), mesh),
  Namespace: ({ name }, mesh) => workloadsSelected(name, undefined, mesh),
};

function behindBackends(route: Resource, mesh: Mesh): readonly Workload[] {
  return backendsOf(route, mesh).flatMap((service) => workloadsOf(service, mesh));
}

/** The Services that the routes of the Gateway API lead to. */
export function backendsOf(route: Resource, mesh: Mesh): readonly Resource[] {
  return listIn(route.object, 'spec', 'rules').flatMap((rule) =>
    listIn(rule, 'backendRefs').flatMap((backend) => {
      const namespace = stringIn(backend, 'namespace') ?? route.namespace;
      const isService = (stringIn(backend, 'kind') ?? 'Service') === 'Service';
      return (
        (isService ? mesh.get('Service', namespace, stringIn(backend, 'name') ?? '') : undefined) ??
        []
      );
    }),
  );
}

function selectedBy(
  resource: Resource,
  path: readonly [string, string],
  mesh: Mesh,
): readonly Workload[] {
  const labels = selectedLabels(resource, ...path);
  return labels === undefined && resource.namespace === rootNamespace(mesh)
    ? everyWorkload(mesh)
    : workloadsSelected(resource.namespace, labels, mesh);
}

function behindHost(host: string, mesh: Mesh): readonly Workload[] {
  const service = serviceOfHost(host, mesh);
  return service === undefined ? [] : workloadsOf(service, mesh);
}

function everyWorkload(mesh: Mesh): readonly Workload[] {
  const namespaces = new Set(workloadKinds.flatMap((kind) => [...mesh.namespacesWith(kind)]));
  const found: Workload[] = [];
  for (const namespace of [...namespaces].sort(compareText)) {
    if (found.length >= mostWorkloads) {
      break;
    }
    found.push(...workloadsSelected(namespace, undefined, mesh));
  }
  return found;
}
