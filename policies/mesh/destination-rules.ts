import {
  listIn,
  stringIn,
  stringMapIn,
  valueIn,
  type Json,
  type JsonObject,
  objectIn,
} from '../core/json.ts';
import { extendPointer, pointer, type Pointer } from '../core/pointer.ts';
import { compareAge, type Resource } from '../core/resource.ts';
import { exportGroup, exportsOf, namespacesExportedTo } from './exports.ts';
import { namedPatterns, namingPartialWildcards } from './host-patterns.ts';
import { compareSpecificity, hostMatches, resolveHost } from './hosts.ts';
import { hostKey } from './keys.ts';
import { clusterDomain, meshWideNamespace } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';

/** What the DestinationRules of one client namespace say of a host: one policy, and subsets, as Istio merges them. */
export interface EffectiveRule {
  /** The rule whose `trafficPolicy` counts; undefined where none of the merged ones has any. */
  readonly policyRule: Resource | undefined;
  readonly trafficPolicy: JsonObject | undefined;
  /** All merged rules, oldest first. */
  readonly rules: readonly Resource[];
}

/** A subset with the rule that declares it. */
export interface SubsetView {
  readonly rule: Resource;
  readonly subset: JsonObject;
  readonly at: Pointer;
}

/** The host that a DestinationRule names, completed. */
export function ruleHost(rule: Resource, mesh: Mesh): string {
  return resolveHost(
    stringIn(rule.object, 'spec', 'host') ?? '',
    rule.namespace,
    clusterDomain(mesh),
  );
}

/** Whether a DestinationRule acts for the clients of a namespace only where a workloadSelector matches them. */
export function isForSelectedClients(rule: Resource): boolean {
  return valueIn(rule.object, 'spec', 'workloadSelector') !== undefined;
}

/**
 * The rules that govern connections to a host from a namespace: the first of client, service and root namespace that
 * has any visible match, there the most specific host, there the rules merged. `undefined` as the client namespace
 * stands for one that has no rules of its own. Costs O(matching rules + dots of the host).
 */
export function effectiveRule(
  host: string,
  serviceNamespace: string,
  clientNamespace: string | undefined,
  mesh: Mesh,
): EffectiveRule | undefined {
  return mesh.memo(host, `rule of ${serviceNamespace} for ${clientNamespace ?? '*'}`, () =>
    findRule(host, serviceNamespace, clientNamespace, mesh),
  );
}

function findRule(
  host: string,
  serviceNamespace: string,
  clientNamespace: string | undefined,
  mesh: Mesh,
): EffectiveRule | undefined {
  const root = meshWideNamespace(mesh);
  const order = [clientNamespace, serviceNamespace, root].filter(
    (namespace) => namespace !== undefined,
  );
  for (const namespace of new Set(clientNamespace === root ? order.slice(1) : order)) {
    const counted = mostSpecific(rulesFor(host, namespace, mesh), clientNamespace, mesh);
    const seen = (rule: Resource): boolean =>
      exportGroup(rule, clientNamespace, mesh) !== undefined;
    if (counted.some(seen)) {
      return merge(namespace === clientNamespace ? counted.filter(seen) : counted, seen);
    }
  }
  return undefined;
}

/** The namespaces that rules for a host are in or exported to by name, so that their clients may see something else. */
export function namespacesWithRulesFor(host: string, mesh: Mesh): ReadonlySet<string> {
  const named = new Set<string>();
  for (const rule of rulesFor(host, '', mesh)) {
    named.add(rule.namespace);
    for (const namespace of namespacesExportedTo(rule, mesh)) {
      named.add(namespace);
    }
  }
  return named;
}

/** The subset of a name, from the oldest rule that has it. */
export function subsetOf(effective: EffectiveRule, name: string): SubsetView | undefined {
  for (const rule of effective.rules) {
    const subsets = listIn(rule.object, 'spec', 'subsets');
    const index = subsets.findIndex((subset) => stringIn(subset, 'name') === name);
    if (index >= 0) {
      return { rule, subset: objectIn(subsets[index]), at: pointer('spec', 'subsets', index) };
    }
  }
  return undefined;
}

/**
 * The policy for a port after Istio's merge: port-level settings replace the whole policy for their port, a subset
 * replaces block by block. Source: Istio `pilot/pkg/networking/util`, MergeTrafficPolicy.
 */
export function portPolicy(
  trafficPolicy: Json | undefined,
  subsetPolicy: Json | undefined,
  portNumber: number,
): JsonObject {
  const top = withPortLevel({}, objectIn(trafficPolicy), portNumber);
  return subsetPolicy === undefined ? top : withPortLevel(top, objectIn(subsetPolicy), portNumber);
}

/** Where a policy's port-level settings for a port are, below the policy. */
export function portLevelPointer(
  policy: Json | undefined,
  portNumber: number,
  base: Pointer,
): Pointer | undefined {
  const index = listIn(policy, 'portLevelSettings').findIndex(
    (setting) => valueIn(setting, 'port', 'number') === portNumber,
  );
  return index < 0 ? undefined : extendPointer(base, 'portLevelSettings', index);
}

function withPortLevel(base: JsonObject, policy: JsonObject, portNumber: number): JsonObject {
  const { portLevelSettings: _, ...blocks } = policy;
  const setting = listIn(policy, 'portLevelSettings').find(
    (candidate) => valueIn(candidate, 'port', 'number') === portNumber,
  );
  return setting === undefined ? { ...base, ...blocks } : objectIn(setting);
}

function rulesFor(host: string, namespace: string, mesh: Mesh): readonly Resource[] {
  const found: Resource[] = [];
  for (const pattern of namedPatterns('DestinationRule', host, mesh)) {
    found.push(...mesh.byKey('DestinationRule', hostKey(namespace, pattern)));
  }
  for (const rule of namingPartialWildcards('DestinationRule', namespace, mesh)) {
    if (hostMatches(ruleHost(rule, mesh), host)) {
      found.push(rule);
    }
  }
  return found;
}

/**
 * The rules of the most specific host in a namespace. In another namespace than its own, a client does not see past a
 * rule that is exported to others only: it hides the wider ones.
 */
function mostSpecific(
  rules: readonly Resource[],
  clientNamespace: string | undefined,
  mesh: Mesh,
): readonly Resource[] {
  const counted = rules.filter((rule) =>
    rule.namespace === clientNamespace
      ? exportGroup(rule, clientNamespace, mesh) !== undefined
      : !isForOwnNamespace(rule, mesh),
  );
  if (counted.length < 2) {
    return counted;
  }
  const [first] = counted.map((rule) => ruleHost(rule, mesh)).sort(compareSpecificity);
  return counted.filter((rule) => ruleHost(rule, mesh) === first);
}

function isForOwnNamespace(rule: Resource, mesh: Mesh): boolean {
  const exports = exportsOf(rule, mesh);
  return exports.length === 1 && (exports[0] === '.' || exports[0] === rule.namespace);
}

/**
 * Rules of one host merge where they follow each other by age and are exported alike; of several such runs istiod takes
 * the last that the client sees. Rules for selected clients take part in what is hidden, not in what is said to all.
 */
function merge(counted: readonly Resource[], seen: (rule: Resource) => boolean): EffectiveRule {
  const runs: Resource[][] = [];
  let last: string | undefined;
  for (const rule of counted.filter((match) => !isForSelectedClients(match)).sort(compareAge)) {
    const exported = exportsText(rule);
    if (exported !== last) {
      runs.push([]);
    }
    runs.at(-1)?.push(rule);
    last = exported;
  }
  const rules = runs.findLast(([first]) => first !== undefined && seen(first)) ?? [];
  const policyRule = rules.find(
    (rule) => valueIn(rule.object, 'spec', 'trafficPolicy') !== undefined,
  );
  return {
    policyRule,
    trafficPolicy: policyRule && objectIn(policyRule.object, 'spec', 'trafficPolicy'),
    rules,
  };
}

/** The labels that a subset adds to its host's Pods. */
export function subsetLabels(view: SubsetView): Readonly<Record<string, string>> {
  return stringMapIn(view.subset, 'labels');
}

/** Where a rule is exported to, as istiod compares it: as a set; "*" and no declaration differ. */
export function exportsText(rule: Resource): string {
  const names = listIn(rule.object, 'spec', 'exportTo').map((to) =>
    JSON.stringify(to === '.' ? rule.namespace : to),
  );
  return names.sort().join(' ');
}
