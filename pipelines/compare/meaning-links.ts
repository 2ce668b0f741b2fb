import { listIn, stringIn, stringMapIn } from '../../policies/core/json.ts';
import type { KindName } from '../../policies/core/kinds.ts';
import type { Resource } from '../../policies/core/resource.ts';
import { ruleHost } from '../../policies/mesh/destination-rules.ts';
import { gatewaysOf } from '../../policies/mesh/gateway-names.ts';
import { gatewayWorkloads } from '../../policies/mesh/gateway-proxies.ts';
import { resolveHost } from '../../policies/mesh/hosts.ts';
import { hostKey } from '../../policies/mesh/keys.ts';
import { clusterDomain } from '../../policies/mesh/mesh-config.ts';
import type { Mesh } from '../../policies/mesh/mesh.ts';
import { servicesReached, workloadsSelected } from '../../policies/mesh/reach.ts';
import { serviceOfHost, workloadsOf } from '../../policies/mesh/services.ts';
import type { Workload } from '../../policies/mesh/workload.ts';
import { backendsOf } from './meaning-touched.ts';
import { shareTexts } from './meaning-shares.ts';

/** One object acts on another, or sends to it. */
export interface Link {
  readonly from: Resource;
  readonly to: Resource;
  /** The share of traffic that goes this way; '' where nothing tells. */
  readonly label: string;
}

/** A picture of more shows less. */
const mostLinks = 8;

type Finder = (resource: Resource, mesh: Mesh) => readonly Link[];

const finders: Partial<Readonly<Record<KindName, Finder>>> = {
  VirtualService: (resource, mesh) => [
    ...gatewayLinks(resource, mesh),
    ...destinationLinks(resource, mesh),
  ],
  HTTPRoute: routeLinks,
  GRPCRoute: routeLinks,
  TLSRoute: routeLinks,
  TCPRoute: routeLinks,
  DestinationRule: (resource, mesh) =>
    plain(resource, [
      ...servicesReached(resource, mesh),
      ...mesh.byKey('ServiceEntry', hostKey('', ruleHost(resource, mesh))),
    ]),
  Service: (resource, mesh) => toWorkloads(resource, workloadsOf(resource, mesh)),
  Gateway: (resource, mesh) =>
    toWorkloads(resource, gatewayWorkloads(stringMapIn(resource.object, 'spec', 'selector'), mesh)),
  PeerAuthentication: selectedBy('selector', 'matchLabels'),
  AuthorizationPolicy: selectedBy('selector', 'matchLabels'),
  RequestAuthentication: selectedBy('selector', 'matchLabels'),
  Sidecar: selectedBy('workloadSelector', 'labels'),
  EnvoyFilter: selectedBy('workloadSelector', 'labels'),
};

/** What an object leads to, and the Gateways that lead to it. */
export function linksOf(resource: Resource, mesh: Mesh): readonly Link[] {
  return finders[resource.type]?.(resource, mesh) ?? [];
}

/** Only what a selector names: a policy for all would be tied to everything. */
function selectedBy(...path: readonly [string, string]): Finder {
  return (resource, mesh) => {
    const labels = stringMapIn(resource.object, 'spec', ...path);
    return Object.keys(labels).length === 0
      ? []
      : toWorkloads(resource, workloadsSelected(resource.namespace, labels, mesh));
  };
}

function toWorkloads(from: Resource, workloads: readonly Workload[]): readonly Link[] {
  return plain(
    from,
    workloads.map((workload) => workload.resource),
  );
}

function routeLinks(route: Resource, mesh: Mesh): readonly Link[] {
  return [...parentLinks(route, mesh), ...plain(route, backendsOf(route, mesh))];
}

function plain(from: Resource, targets: readonly Resource[]): readonly Link[] {
  return targets.slice(0, mostLinks).map((to) => ({ from, to, label: '' }));
}

function gatewayLinks(virtualService: Resource, mesh: Mesh): readonly Link[] {
  return gatewaysOf(virtualService).flatMap((reference) => {
    const [namespace = '', name = ''] = reference.split('/');
    const gateway = mesh.get('Gateway', namespace, name);
    return gateway === undefined ? [] : [{ from: gateway, to: virtualService, label: '' }];
  });
}

function parentLinks(route: Resource, mesh: Mesh): readonly Link[] {
  return listIn(route.object, 'spec', 'parentRefs').flatMap((parent) => {
    const namespace = stringIn(parent, 'namespace') ?? route.namespace;
    const gateway = mesh.get('KubernetesGateway', namespace, stringIn(parent, 'name') ?? '');
    return gateway === undefined ? [] : [{ from: gateway, to: route, label: '' }];
  });
}

/** Shares are shown where one rule decides them; several add up to nothing that can be said in a number. */
function destinationLinks(virtualService: Resource, mesh: Mesh): readonly Link[] {
  const rules = ['http', 'tls', 'tcp'].flatMap((field) =>
    listIn(virtualService.object, 'spec', field),
  );
  const links = new Map<Resource, string>();
  for (const rule of rules) {
    for (const [written, share] of shareTexts(rule)) {
      const host = resolveHost(written, virtualService.namespace, clusterDomain(mesh));
      const entries = mesh.byKey('ServiceEntry', hostKey('', host));
      for (const to of [serviceOfHost(host, mesh), ...entries]) {
        if (to !== undefined) {
          links.set(to, rules.length === 1 ? share : '');
        }
      }
    }
  }
  return [...links].slice(0, mostLinks).map(([to, label]) => ({ from: virtualService, to, label }));
}
