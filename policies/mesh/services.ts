import { listIn, stringIn, stringMapIn, type Json } from '../core/json.ts';
import type { Resource } from '../core/resource.ts';
import { compareAge } from '../core/resource.ts';
import { serviceHost } from './hosts.ts';
import { indexedLabel, labelKey } from './keys.ts';
import { matchesLabels } from './labels.ts';
import { clusterDomain } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';
import { isControlled, workloadOf, type Workload } from './workload.ts';

const workloadTypes = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'Rollout',
  'ReplicaSet',
  'Pod',
  'Job',
  'CronJob',
] as const;

/** The Services that send to a workload's Pods, oldest first. Costs O(labels + Services that share an indexed label). */
export function servicesOf(workload: Workload, mesh: Mesh): readonly Resource[] {
  return mesh.memo(workload, 'services', () => findServices(workload, mesh));
}

function findServices(workload: Workload, mesh: Mesh): readonly Resource[] {
  const found: Resource[] = [];
  for (const label of Object.keys(workload.labels)) {
    const key = labelKey(workload.namespace, label, workload.labels[label] ?? '');
    for (const service of mesh.byKey('Service', key)) {
      if (matchesLabels(selectorOf(service), workload.labels) && !found.includes(service)) {
        found.push(service);
      }
    }
  }
  return found.length < 2 ? found : found.sort(compareAge);
}

/** The workloads behind a Service, controllers rather than the Pods that they made; by kind, then name. */
export function workloadsOf(service: Resource, mesh: Mesh): readonly Workload[] {
  return mesh.memo(service, 'workloads', () => findWorkloads(service, mesh));
}

function findWorkloads(service: Resource, mesh: Mesh): readonly Workload[] {
  const selector = selectorOf(service);
  const label = indexedLabel(selector);
  if (label === undefined) {
    return [];
  }
  const key = labelKey(service.namespace, label, selector[label] ?? '');
  return workloadTypes.flatMap((type) =>
    [...mesh.byKey(type, key)]
      .sort(compareAge)
      .flatMap((resource) => workloadOf(resource) ?? [])
      .filter(
        (workload) => matchesLabels(selector, workload.labels) && !isControlled(workload.resource),
      ),
  );
}

/** The labels that a Service selects Pods by; empty for one without a selector. */
export function selectorOf(service: Resource): Readonly<Record<string, string>> {
  return stringMapIn(service.object, 'spec', 'selector');
}

/** The ports of a Service. */
export function portsOf(service: Resource): readonly Json[] {
  return listIn(service.object, 'spec', 'ports');
}

/** The host by which the mesh knows a Service. */
export function hostOf(service: Resource, mesh: Mesh): string {
  return mesh.memo(service, 'host', () =>
    serviceHost(service.name, service.namespace, clusterDomain(mesh)),
  );
}

/** The Service of a full host, where it is a Service's and among the objects. */
export function serviceOfHost(host: string, mesh: Mesh): Resource | undefined {
  const nameEnd = host.indexOf('.');
  const namespaceEnd = host.indexOf('.', nameEnd + 1);
  return nameEnd < 0 || host.slice(namespaceEnd) !== `.svc.${clusterDomain(mesh)}`
    ? undefined
    : mesh.get('Service', host.slice(nameEnd + 1, namespaceEnd), host.slice(0, nameEnd));
}

/** Whether clients find a Service by DNS but have no cluster address to dial (`clusterIP: None`). */
export function isHeadless(service: Resource): boolean {
  return stringIn(service.object, 'spec', 'clusterIP') === 'None';
}

/** Whether a Service is only an alias, for which Istio makes no listener and no cluster. */
export function isExternalName(service: Resource): boolean {
  return stringIn(service.object, 'spec', 'type') === 'ExternalName';
}
