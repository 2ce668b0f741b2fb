import {
  isObject,
  listIn,
  numberIn,
  stringIn,
  stringMapIn,
  valueIn,
  type Json,
} from '../core/json.ts';
import type { Resource } from '../core/resource.ts';
import { gatewaysOf } from './gateway-names.ts';
import { isWildcardHost, resolveHost } from './hosts.ts';
import { exportKeys, importKeys, underKeys } from './scope-keys.ts';
import { topologyKeys } from './topology-keys.ts';
import { isControlled, workloadOf } from './workload.ts';

const perPodLabels: ReadonlySet<string> = new Set([
  'pod-template-hash',
  'controller-revision-hash',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
]);
const tellingLabels = [
  'app',
  'app.kubernetes.io/instance',
  'app.kubernetes.io/name',
  'name',
  'k8s-app',
];

/** Key of what carries, or selects by, a label in a namespace; in any, for gateways, where the namespace is ''. */
export function labelKey(namespace: string, label: string, value: string): string {
  return `${namespace}|${label}=${value}`;
}

/** Key of what names a host: within one namespace, or anywhere where the namespace is ''. */
export function hostKey(namespace: string, host: string): string {
  return `${namespace}@${host}`;
}

/** Key of a VirtualService that routes to a host. */
export function destinationKey(host: string): string {
  return `>${host}`;
}

/** Key of a VirtualService that is bound to a Gateway (`namespace/name`). */
export function gatewayKey(gateway: string): string {
  return `=${gateway}`;
}

/** Key of a Service or ServiceEntry by the number of one of its ports. */
export function portKey(port: number): string {
  return `:${String(port)}`;
}

/** Key of ServiceEntries that declare no address, so that istiod may allocate one. */
export const unaddressedKey = '#none';

/** Key under which partial wildcards (`*-db.example.com`), which no suffix look-up finds, are kept. */
export const partialWildcard = '*partial';

/** Key of what names any wildcard as a host, of which most meshes have few or none. */
export const wildcardKey = '@*.';

/** The label of a selector by which its object is indexed: one that tells workloads apart, where there is one. */
export function indexedLabel(selector: Readonly<Record<string, string>>): string | undefined {
  return (
    tellingLabels.find((label) => Object.hasOwn(selector, label)) ?? Object.keys(selector).sort()[0]
  );
}

/** The keys by which an object is found; a pure function of the object, so that removing it finds the same ones. */
export function keysOf(resource: Resource, clusterDomain: string): readonly string[] {
  return [...kindKeys(resource, clusterDomain), ...topologyKeys(resource)];
}

function kindKeys(resource: Resource, clusterDomain: string): readonly string[] {
  switch (resource.type) {
    case 'Service':
      return serviceKeys(resource);
    case 'DestinationRule':
      return ruleKeys(resource, stringIn(resource.object, 'spec', 'host') ?? '', clusterDomain);
    case 'ServiceEntry':
      return [
        ...hostKeys(resource, listIn(resource.object, 'spec', 'hosts'), clusterDomain),
        ...portKeys(resource),
        ...(listIn(resource.object, 'spec', 'addresses').length === 0 ? [unaddressedKey] : []),
        ...exportKeys(resource),
        ...entrySelectorKeys(
          resource,
          stringMapIn(resource.object, 'spec', 'workloadSelector', 'labels'),
        ),
      ];
    case 'Sidecar':
      return importKeys(resource);
    case 'WorkloadEntry':
      return labelKeys(resource, stringMapIn(resource.object, 'spec', 'labels'));
    case 'WorkloadGroup':
      return labelKeys(resource, stringMapIn(resource.object, 'spec', 'metadata', 'labels'));
    case 'VirtualService':
      return [
        ...hostKeys(resource, listIn(resource.object, 'spec', 'hosts'), clusterDomain),
        ...destinationKeys(resource, clusterDomain),
        ...gatewaysOf(resource).map(gatewayKey),
      ];
    case 'Gateway':
      return selectorKeys('', stringMapIn(resource.object, 'spec', 'selector'));
    default:
      return workloadKeys(resource);
  }
}

function serviceKeys(resource: Resource): readonly string[] {
  const selector = stringMapIn(resource.object, 'spec', 'selector');
  const label = indexedLabel(selector);
  return [
    ...(label === undefined ? [] : [labelKey(resource.namespace, label, selector[label] ?? '')]),
    ...selectorKeys('', selector),
    ...portKeys(resource),
    ...exportKeys(resource),
  ];
}

function ruleKeys(resource: Resource, host: string, clusterDomain: string): readonly string[] {
  return [
    ...hostKeys(resource, [host], clusterDomain),
    ...underKeys(host, resource.namespace, clusterDomain),
  ];
}

function selectorKeys(
  namespace: string,
  selector: Readonly<Record<string, string>>,
): readonly string[] {
  return Object.entries(selector).map(([label, value]) => labelKey(namespace, label, value));
}

function portKeys(resource: Resource): readonly string[] {
  const numbers = listIn(resource.object, 'spec', 'ports').flatMap(
    (port) => numberIn(port, 'port') ?? numberIn(port, 'number') ?? [],
  );
  return [...new Set(numbers)].map(portKey);
}

/** A selector is found within its namespace, and anywhere, since it may have been meant for another one. */
function entrySelectorKeys(
  resource: Resource,
  selector: Readonly<Record<string, string>>,
): readonly string[] {
  const label = indexedLabel(selector);
  const value = label === undefined ? '' : (selector[label] ?? '');
  return label === undefined
    ? []
    : [labelKey(resource.namespace, label, value), labelKey('', label, value)];
}

function labelKeys(
  resource: Resource,
  labels: Readonly<Record<string, string>>,
): readonly string[] {
  return Object.entries(labels).flatMap(([label, value]) => [
    labelKey(resource.namespace, label, value),
    labelKey('', label, value),
  ]);
}

function workloadKeys(resource: Resource): readonly string[] {
  const workload = workloadOf(resource);
  if (workload === undefined) {
    return [];
  }
  const namespaces = isControlled(resource) ? [resource.namespace] : [resource.namespace, ''];
  return Object.entries(workload.labels)
    .filter(([label]) => !perPodLabels.has(label))
    .flatMap(([label, value]) => namespaces.map((namespace) => labelKey(namespace, label, value)));
}

function hostKeys(
  resource: Resource,
  hosts: readonly Json[],
  clusterDomain: string,
): readonly string[] {
  const keys = new Set<string>();
  for (const written of hosts) {
    if (typeof written === 'string') {
      const host = resolveHost(written, resource.namespace, clusterDomain);
      if (isWildcardHost(host)) {
        keys.add(wildcardKey);
      }
      const indexed =
        isWildcardHost(host) && host !== '*' && !host.startsWith('*.') ? partialWildcard : host;
      keys.add(hostKey('', indexed)).add(hostKey(resource.namespace, indexed));
    }
  }
  return [...keys];
}

function destinationKeys(resource: Resource, clusterDomain: string): readonly string[] {
  const keys = new Set<string>();
  for (const protocol of ['http', 'tcp', 'tls']) {
    for (const rule of listIn(resource.object, 'spec', protocol)) {
      for (const route of listIn(rule, 'route')) {
        const host = valueIn(isObject(route) ? route : undefined, 'destination', 'host');
        if (typeof host === 'string') {
          keys.add(destinationKey(resolveHost(host, resource.namespace, clusterDomain)));
        }
      }
    }
  }
  return [...keys];
}
