import { stringMapIn, valueIn } from '../core/json.ts';
import { workloadKinds } from '../core/kinds.ts';
import type { Resource } from '../core/resource.ts';
import { compareAge, compareText, describeReference } from '../core/resource.ts';
import { ruleHost } from './destination-rules.ts';
import { hostMatches, isWildcardHost } from './hosts.ts';
import { indexedLabel, labelKey } from './keys.ts';
import { matchesLabels } from './labels.ts';
import { clusterDomain } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';
import { hostOf, serviceOfHost, workloadsOf } from './services.ts';
import { isControlled, workloadOf, type Workload } from './workload.ts';

/** How many Services a mesh-wide rule is judged by; more would cost a review its deadline and tell nothing new. */
export const mostServicesJudged = 500;

/** The Services whose host a DestinationRule names, the first {@link mostServicesJudged} by namespace and name. */
export function servicesReached(rule: Resource, mesh: Mesh): readonly Resource[] {
  const host = ruleHost(rule, mesh);
  if (!isWildcardHost(host)) {
    const service = serviceOfHost(host, mesh);
    return service === undefined ? [] : [service];
  }
  const found: Resource[] = [];
  for (const namespace of namespacesUnder(host, mesh)) {
    const services = [...mesh.inNamespace('Service', namespace)].filter((service) =>
      hostMatches(host, hostOf(service, mesh)),
    );
    found.push(...services.sort((left, right) => compareText(left.name, right.name)));
    if (found.length >= mostServicesJudged) {
      break;
    }
  }
  return found.slice(0, mostServicesJudged);
}

/** The workloads behind the Services that a DestinationRule names. */
export function workloadsReached(rule: Resource, mesh: Mesh): readonly Workload[] {
  return [...new Set(servicesReached(rule, mesh).flatMap((service) => workloadsOf(service, mesh)))];
}

/**
 * The workloads that an Istio object selects in its own namespace by `labels`; all of the namespace where the labels
 * are undefined. Controllers rather than the Pods that they made.
 */
export function workloadsSelected(
  namespace: string,
  labels: Readonly<Record<string, string>> | undefined,
  mesh: Mesh,
): readonly Workload[] {
  const label = labels === undefined ? undefined : indexedLabel(labels);
  return workloadKinds
    .flatMap((kind) =>
      label === undefined
        ? [...mesh.inNamespace(kind, namespace)]
        : [...mesh.byKey(kind, labelKey(namespace, label, labels?.[label] ?? ''))],
    )
    .filter((resource) => !isControlled(resource))
    .sort(compareAge)
    .flatMap((resource) => workloadOf(resource) ?? [])
    .filter((workload) => matchesLabels(labels ?? {}, workload.labels));
}

/** The labels by which a Sidecar or ProxyConfig selects; undefined where it has no selector. */
export function selectedLabels(
  resource: Resource,
  ...path: readonly string[]
): Readonly<Record<string, string>> | undefined {
  return valueIn(resource.object, 'spec', path[0] ?? '') === undefined
    ? undefined
    : stringMapIn(resource.object, 'spec', ...path);
}

function namespacesUnder(wildcard: string, mesh: Mesh): readonly string[] {
  const suffix = `.svc.${clusterDomain(mesh)}`;
  const namespace =
    wildcard.startsWith('*.') && wildcard.endsWith(suffix) ? wildcard.slice(2, -suffix.length) : '';
  return namespace === '' || namespace.includes('.')
    ? [...mesh.namespacesWith('Service')].sort()
    : [namespace];
}

/** The first ten objects by name, then how many more there are, as findings list them. */
export function firstNames(resources: readonly Resource[]): readonly string[] {
  const names = resources.slice(0, 10).map(describeReference);
  return resources.length > names.length
    ? [...names, `and ${String(resources.length - names.length)} more`]
    : names;
}
