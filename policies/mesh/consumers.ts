import { stringMapIn } from '../core/json.ts';
import { compareText, type Resource } from '../core/resource.ts';
import { dnsSettingsOf, type DnsSettings } from './dns-settings.ts';
import type { Mesh } from './mesh.ts';
import { hasSidecar, proxyModeOf } from './proxy-mode.ts';
import { importKey } from './scope-keys.ts';
import { hasSelector, sidecarFor, type ScopedClient } from './sidecar-scope.ts';
import { isControlled, workloadOf, type Workload } from './workload.ts';

/** Proxies that see the same outbound listeners: one namespace, one Sidecar, one way of DNS. */
export interface Consumer extends ScopedClient {
  readonly sidecar: Resource | undefined;
  readonly dns: DnsSettings;
  /** One of the workloads, where the inputs hold any. */
  readonly workload: Workload | undefined;
}

/** The kinds whose Pods have proxies that send; ReplicaSets are made by others. */
export const consumerKinds = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'Rollout',
  'Pod',
  'Job',
  'CronJob',
] as const;
const mostWorkloadsRead = 100;
const mostImportersRead = 20;
const mostNamed = 4;

/**
 * The groups of proxies in some namespaces and in those whose Sidecars import from them, at most
 * {@link mostImportersRead}, and one group of another namespace that stands for all that no object names. Namespaces
 * count where they have workloads with a sidecar; where the inputs hold no workload at all, all do.
 */
export function consumersIn(namespaces: Iterable<string>, mesh: Mesh): readonly Consumer[] {
  const given = [...new Set(namespaces)].sort(compareText);
  const named = [...new Set([...given, ...importersOf(given, mesh)])];
  const anyWorkload = consumerKinds.some((kind) => mesh.count(kind) > 0);
  const consumers = named.flatMap((namespace) =>
    anyWorkload ? workloadGroups(namespace, mesh) : declaredGroups(namespace, mesh),
  );
  const other = anyWorkload ? otherConsumer(new Set(named), mesh) : anybody(mesh);
  return other === undefined ? consumers : [...consumers, other];
}

/** Namespaces with a Sidecar that imports from one of some namespaces, or from every one. */
function importersOf(namespaces: readonly string[], mesh: Mesh): readonly string[] {
  const found = ['*', ...namespaces].flatMap((from) =>
    mesh.memo(from, 'importers', () =>
      [...new Set([...mesh.byKey('Sidecar', importKey(from))].map(({ namespace }) => namespace))]
        .sort(compareText)
        .slice(0, mostImportersRead),
    ),
  );
  return [...new Set(found)].slice(0, mostImportersRead);
}

/** The groups of proxies in one namespace, by the workloads that are known there. */
export function workloadGroups(namespace: string, mesh: Mesh): readonly Consumer[] {
  return mesh.memo(namespace, 'workloadGroups', () => readWorkloadGroups(namespace, mesh));
}

function readWorkloadGroups(namespace: string, mesh: Mesh): readonly Consumer[] {
  const groups = new Map<string, Consumer>();
  let read = 0;
  for (const kind of consumerKinds) {
    for (const resource of mesh.inNamespace(kind, namespace)) {
      if (read >= mostWorkloadsRead) {
        return [...groups.values()];
      }
      const consumer = consumerOf(resource, mesh);
      if (consumer !== undefined) {
        read += 1;
        const key = `${consumer.sidecar?.namespace ?? ''}/${consumer.sidecar?.name ?? ''}/${String(consumer.dns.captures)}/${String(consumer.dns.allocates)}`;
        groups.set(key, groups.get(key) ?? consumer);
      }
    }
  }
  return [...groups.values()];
}

/** A workload's proxy as a consumer; undefined for gateways, Pods of a controller, and workloads without a sidecar. */
export function consumerOf(resource: Resource, mesh: Mesh): Consumer | undefined {
  return mesh.memo(resource, 'consumer', () => readConsumer(resource, mesh));
}

function readConsumer(resource: Resource, mesh: Mesh): Consumer | undefined {
  const workload = workloadOf(resource);
  if (workload === undefined || isControlled(resource)) {
    return undefined;
  }
  const proxy = proxyModeOf(workload, mesh);
  if (proxy.gateway || !(hasSidecar(proxy) || proxy.mode === 'unknown')) {
    return undefined;
  }
  const { namespace, labels } = workload;
  return {
    namespace,
    labels,
    sidecar: sidecarFor(workload, mesh),
    dns: dnsSettingsOf(workload, mesh),
    workload,
  };
}

function declaredGroups(namespace: string, mesh: Mesh): readonly Consumer[] {
  const selecting = [...mesh.inNamespace('Sidecar', namespace)].filter(hasSelector);
  const labelSets = [
    {},
    ...selecting.map((sidecar) =>
      stringMapIn(sidecar.object, 'spec', 'workloadSelector', 'labels'),
    ),
  ];
  return labelSets.map((labels) => consumerWith(namespace, labels, mesh));
}

function anybody(mesh: Mesh): Consumer {
  return consumerWith('', {}, mesh);
}

function consumerWith(
  namespace: string,
  labels: Readonly<Record<string, string>>,
  mesh: Mesh,
): Consumer {
  const sidecar = sidecarFor({ namespace, labels }, mesh);
  return { namespace, labels, sidecar, dns: dnsSettingsOf(undefined, mesh), workload: undefined };
}

function otherConsumer(named: ReadonlySet<string>, mesh: Mesh): Consumer | undefined {
  for (const kind of consumerKinds) {
    for (const namespace of mesh.namespacesWith(kind)) {
      if (named.has(namespace) || mesh.inNamespace('Sidecar', namespace).size > 0) {
        continue;
      }
      const [consumer] = workloadGroups(namespace, mesh);
      if (consumer !== undefined) {
        return consumer;
      }
    }
  }
  return undefined;
}

/** For people: `clients in namespace bank, shop`. A consumer without a namespace stands for all that no object names. */
export function describeConsumers(consumers: readonly Consumer[]): string {
  const names = [...new Set(consumers.map(({ namespace }) => namespace))].sort(compareText);
  const named = names.filter((namespace) => namespace !== '');
  if (named.length === 0) {
    return 'clients in every namespace';
  }
  const more = named.length - mostNamed;
  return [
    `clients in namespace ${named.slice(0, mostNamed).join(', ')}`,
    ...(more > 0 ? [`${String(more)} more`] : []),
    ...(named.length < names.length ? ['those that no object names'] : []),
  ].join(' and ');
}
