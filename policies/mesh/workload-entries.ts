import { listIn, numberIn, stringIn, stringMapIn, type Json } from '../core/json.ts';
import type { KindName } from '../core/kinds.ts';
import { compareAge, type Resource } from '../core/resource.ts';
import { indexedLabel, labelKey } from './keys.ts';
import { matchesLabels, type Labels } from './labels.ts';
import type { Mesh } from './mesh.ts';
import { selectorOf } from './services.ts';

/** The labels by which Services and ServiceEntries select a WorkloadEntry. */
export function entryLabels(entry: Resource): Labels {
  return stringMapIn(entry.object, 'spec', 'labels');
}

/** The labels by which a ServiceEntry selects, or undefined where it does not. */
export function entrySelector(serviceEntry: Resource): Labels | undefined {
  const labels = stringMapIn(serviceEntry.object, 'spec', 'workloadSelector', 'labels');
  return Object.keys(labels).length === 0 ? undefined : labels;
}

/** The ServiceEntries that select a WorkloadEntry by its labels, in its namespace; in all of them where `anywhere`. */
export function serviceEntriesOver(
  entry: Resource,
  mesh: Mesh,
  anywhere = false,
): readonly Resource[] {
  const labels = entryLabels(entry);
  const namespace = anywhere ? '' : entry.namespace;
  const found = new Set<Resource>();
  for (const [label, value] of Object.entries(labels)) {
    for (const candidate of mesh.byKey('ServiceEntry', labelKey(namespace, label, value))) {
      if (matchesLabels(entrySelector(candidate) ?? {}, labels)) {
        found.add(candidate);
      }
    }
  }
  return [...found].sort(compareAge);
}

/** The Kubernetes Services that select a WorkloadEntry. */
export function servicesOver(entry: Resource, mesh: Mesh): readonly Resource[] {
  const labels = entryLabels(entry);
  const found = new Set<Resource>();
  for (const [label, value] of Object.entries(labels)) {
    for (const service of mesh.byKey('Service', labelKey(entry.namespace, label, value))) {
      if (matchesLabels(selectorOf(service), labels)) {
        found.add(service);
      }
    }
  }
  return [...found].sort(compareAge);
}

/** The objects of a kind that a ServiceEntry or Service selects in a namespace; anywhere where the namespace is ''. */
export function selectedBy(
  service: Resource,
  kind: Extract<KindName, 'WorkloadEntry' | 'WorkloadGroup'>,
  namespace: string,
  mesh: Mesh,
): readonly Resource[] {
  const selector = service.type === 'Service' ? selectorOf(service) : entrySelector(service);
  const label = selector && indexedLabel(selector);
  if (selector === undefined || label === undefined) {
    return [];
  }
  const labelsOf = kind === 'WorkloadEntry' ? entryLabels : groupLabels;
  return [...mesh.byKey(kind, labelKey(namespace, label, selector[label] ?? ''))]
    .filter((candidate) => matchesLabels(selector, labelsOf(candidate)))
    .sort(compareAge);
}

/** The labels that a WorkloadGroup gives its entries. */
export function groupLabels(group: Resource): Labels {
  return stringMapIn(group.object, 'spec', 'metadata', 'labels');
}

/** The names of the ports of Services and ServiceEntries, by which a WorkloadEntry's `ports` are read. */
export function portNames(services: readonly Resource[]): ReadonlySet<string> {
  return new Set(
    services.flatMap((service) =>
      listIn(service.object, 'spec', 'ports').flatMap((port) => stringIn(port, 'name') ?? []),
    ),
  );
}

/** How a Service or ServiceEntry takes the addresses of its entries, in words for the first. */
export function resolutionOf(service: Resource): string {
  return service.type === 'Service'
    ? 'a Kubernetes Service'
    : (stringIn(service.object, 'spec', 'resolution') ?? 'NONE');
}

/** Two entries that give a service one address and port, which Envoy then has twice. */
export interface EntryTwin {
  readonly service: Resource;
  readonly twin: Resource;
  readonly port: number;
}

/** The first older entry that is the same endpoint of one of the services that select an entry. */
export function twinOf(
  entry: Resource,
  services: readonly Resource[],
  mesh: Mesh,
): EntryTwin | undefined {
  const address = stringIn(entry.object, 'spec', 'address') ?? '';
  for (const service of address === '' ? [] : services) {
    const older = selectedBy(service, 'WorkloadEntry', entry.namespace, mesh).filter(
      (other) =>
        stringIn(other.object, 'spec', 'address') === address && compareAge(other, entry) < 0,
    );
    for (const declared of older.length === 0 ? [] : listIn(service.object, 'spec', 'ports')) {
      const port = endpointPort(entry, declared);
      const twin = older.find((other) => endpointPort(other, declared) === port);
      if (twin !== undefined && port !== undefined) {
        return { service, twin, port };
      }
    }
  }
  return undefined;
}

function endpointPort(entry: Resource, port: Json): number | undefined {
  return (
    numberIn(entry.object, 'spec', 'ports', stringIn(port, 'name') ?? '') ??
    numberIn(port, 'targetPort') ??
    numberIn(port, 'number') ??
    numberIn(port, 'port')
  );
}
