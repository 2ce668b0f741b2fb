import { listIn, stringMapIn } from '../core/json.ts';
import { workloadKinds, type KindName } from '../core/kinds.ts';
import type { Resource } from '../core/resource.ts';
import { ruleHost } from './destination-rules.ts';
import { hostKey, portKey } from './keys.ts';
import type { Mesh } from './mesh.ts';
import { selectedLabels, servicesReached, workloadsReached, workloadsSelected } from './reach.ts';
import { hostsOf, portNumber } from './registry.ts';
import { servicesOf, workloadsOf } from './services.ts';
import type { Workload } from './workload.ts';

/** How many subjects of one change are looked at; a change to more says so instead of taking a review's whole deadline. */
const mostSubjectsJudged = 40;

const selectorPaths: Partial<Readonly<Record<KindName, readonly string[]>>> = {
  Sidecar: ['workloadSelector', 'labels'],
  EnvoyFilter: ['workloadSelector', 'labels'],
  ProxyConfig: ['selector', 'matchLabels'],
  PeerAuthentication: ['selector', 'matchLabels'],
};

/**
 * The other objects whose verdict a change to this one may change, found through the index: workloads behind a rule or
 * under a selector, the Services before them, rivals on a port or a host. At most {@link mostSubjectsJudged} of each
 * sort; an object of the mesh config or of the root namespace reaches more than is worth judging one by one.
 */
export function subjectsTouchedBy(resource: Resource, mesh: Mesh): readonly Resource[] {
  const touched = new Set(candidates(resource, mesh).slice(0, mostSubjectsJudged * 4));
  touched.delete(resource);
  return [...touched].slice(0, mostSubjectsJudged);
}

function candidates(resource: Resource, mesh: Mesh): readonly Resource[] {
  const path = selectorPaths[resource.type];
  if (path !== undefined) {
    return withServices(
      workloadsSelected(resource.namespace, selectedLabels(resource, ...path), mesh),
      mesh,
    );
  }
  switch (resource.type) {
    case 'DestinationRule':
      return [
        ...workloadsReached(resource, mesh).map(objectOf),
        ...servicesReached(resource, mesh),
        ...rivals(resource, mesh),
      ];
    case 'Service':
      return [...workloadsOf(resource, mesh).map(objectOf), ...rivals(resource, mesh)];
    case 'ServiceEntry':
      return [...rivals(resource, mesh), ...selectedEntries(resource, mesh)];
    case 'VirtualService':
    case 'Gateway':
      return rivals(resource, mesh);
    case 'Namespace':
      return workloadKinds.flatMap((kind) => [...mesh.inNamespace(kind, resource.name)]);
    default:
      return [];
  }
}

function withServices(workloads: readonly Workload[], mesh: Mesh): readonly Resource[] {
  return workloads
    .slice(0, mostSubjectsJudged)
    .flatMap((workload) => [workload.resource, ...servicesOf(workload, mesh)]);
}

/** What lies on the same ports, or names the same hosts. */
function rivals(resource: Resource, mesh: Mesh): readonly Resource[] {
  const ports = listIn(resource.object, 'spec', 'ports').flatMap((port) => portNumber(port) ?? []);
  const hosts =
    resource.type === 'DestinationRule' ? [ruleHost(resource, mesh)] : hostsOf(resource, mesh);
  return [
    ...ports.flatMap((port) => [...mesh.byKey('ServiceEntry', portKey(port))]),
    ...hosts.flatMap((host) =>
      (['ServiceEntry', 'VirtualService', 'DestinationRule'] as const).flatMap((kind) => [
        ...mesh.byKey(kind, hostKey('', host)),
      ]),
    ),
  ];
}

function selectedEntries(entry: Resource, mesh: Mesh): readonly Resource[] {
  const labels = stringMapIn(entry.object, 'spec', 'workloadSelector', 'labels');
  return Object.keys(labels).length === 0
    ? []
    : workloadsSelected(entry.namespace, labels, mesh).map(objectOf);
}

function objectOf({ resource }: Workload): Resource {
  return resource;
}
