import {
  isObject,
  listIn,
  numberIn,
  objectIn,
  stringIn,
  valueIn,
  type Json,
} from '../core/json.ts';
import { equalJson } from '../core/patch.ts';
import { compareAge, compareText, type Resource } from '../core/resource.ts';
import { clusterOf } from './clusters.ts';
import {
  effectiveRule,
  exportsText,
  isForSelectedClients,
  ruleHost,
  type EffectiveRule,
} from './destination-rules.ts';
import { hostOwner } from './host-owner.ts';
import { isWildcardHost } from './hosts.ts';
import { hostKey } from './keys.ts';
import { meshWideNamespace } from './mesh-config.ts';
import { createMemo } from './memo.ts';
import { createReadLog } from './read-log.ts';
import type { Mesh } from './mesh.ts';
import { underKey } from './scope-keys.ts';

/** A DestinationRule of the owner, or of the whole mesh, that clients no longer get because of one of their own. */
export interface HiddenRule {
  readonly host: string;
  readonly hidden: Resource;
  /** Settings and subsets of the hidden rule that nothing replaces, as `connectionPool.tcp.connectTimeout`. */
  readonly lost: readonly string[];
  /** The hiding rule has a wildcard, the hidden one names the host. */
  readonly byWildcard: boolean;
}

/** What two DestinationRules of one namespace for one host do to each other. */
export interface RuleClash {
  readonly winner: Resource;
  readonly policyDropped: boolean;
  /** Names of subsets that both define, differently. */
  readonly subsets: readonly string[];
}

const nothing: ReadonlySet<Resource> = new Set();

/**
 * The rules that a rule hides from the clients of its own namespace: Istio takes all of a host's settings from the
 * first of client, service and root namespace that has any match, and merges nothing across namespaces.
 * Costs O(rules of the host); for a wildcard O(rules under it).
 */
export function hiddenRules(rule: Resource, mesh: Mesh): readonly HiddenRule[] {
  if (rule.namespace === meshWideNamespace(mesh) || isForSelectedClients(rule)) {
    return [];
  }
  const host = ruleHost(rule, mesh);
  const beyond = withoutRulesOf(rule.namespace, mesh);
  return hostsReached(host, mesh)
    .flatMap((reached) => hiddenFor(rule, reached, beyond, mesh))
    .sort((left, right) => compareText(left.host, right.host));
}

/**
 * The older rule of the same namespace, host and export that this one merges into: the oldest gives the policy, and
 * every subset comes from the oldest rule that has it. Undefined where nothing of this rule is dropped.
 */
export function ruleClash(rule: Resource, mesh: Mesh): RuleClash | undefined {
  const older = [...mesh.byKey('DestinationRule', hostKey(rule.namespace, ruleHost(rule, mesh)))]
    .filter((other) => compareAge(other, rule) < 0 && mergesWith(other, rule, mesh))
    .sort(compareAge);
  const policy = valueIn(rule.object, 'spec', 'trafficPolicy');
  const givesPolicy = older.find(
    (other) => valueIn(other.object, 'spec', 'trafficPolicy') !== undefined,
  );
  const policyDropped =
    policy !== undefined &&
    givesPolicy !== undefined &&
    !equalJson(valueIn(givesPolicy.object, 'spec', 'trafficPolicy'), policy);
  const clashing = older.flatMap((other) =>
    subsetsOf(rule)
      .filter((subset) =>
        subsetsOf(other).some(
          (theirs) =>
            stringIn(theirs, 'name') === stringIn(subset, 'name') && !equalJson(theirs, subset),
        ),
      )
      .map((subset) => ({ other, name: stringIn(subset, 'name') ?? '' })),
  );
  const winner = policyDropped ? givesPolicy : clashing[0]?.other;
  return winner === undefined
    ? undefined
    : { winner, policyDropped, subsets: [...new Set(clashing.map(({ name }) => name))].sort() };
}

function mergesWith(other: Resource, rule: Resource, mesh: Mesh): boolean {
  return (
    ruleHost(other, mesh) === ruleHost(rule, mesh) &&
    clusterOf(other) === clusterOf(rule) &&
    !isForSelectedClients(other) &&
    !isForSelectedClients(rule) &&
    exportsText(other) === exportsText(rule)
  );
}

/** The host itself, and for a wildcard the hosts under it that other rules name. */
function hostsReached(host: string, mesh: Mesh): readonly string[] {
  const reached = new Set([host]);
  if (isWildcardHost(host)) {
    for (const other of mesh.byKey('DestinationRule', underKey(host))) {
      reached.add(ruleHost(other, mesh));
    }
  }
  return [...reached];
}

function hiddenFor(rule: Resource, host: string, beyond: Mesh, mesh: Mesh): readonly HiddenRule[] {
  const owners = hostOwner(host, mesh).namespaces;
  const [owner] = [...owners].sort(compareText);
  if (owner === undefined || owners.has(rule.namespace)) {
    return [];
  }
  const actual = effectiveRule(host, owner, rule.namespace, mesh);
  const other = effectiveRule(host, owner, rule.namespace, beyond);
  if (actual === undefined || actual.rules[0] !== rule || other === undefined) {
    return [];
  }
  const hidden = other.policyRule ?? other.rules[0];
  return hidden === undefined
    ? []
    : compareRules(rule, hidden, lostSettings(other, actual), host, mesh);
}

function compareRules(
  rule: Resource,
  hidden: Resource,
  lost: readonly string[],
  host: string,
  mesh: Mesh,
): readonly HiddenRule[] {
  const byWildcard =
    isWildcardHost(ruleHost(rule, mesh)) && !isWildcardHost(ruleHost(hidden, mesh));
  return lost.length > 0 || byWildcard ? [{ host, hidden, lost, byWildcard }] : [];
}

/** The mesh as it would be if a namespace had no DestinationRules. */
function withoutRulesOf(namespace: string, mesh: Mesh): Mesh {
  const prefix = hostKey(namespace, '');
  return {
    ...mesh,
    memo: createMemo(createReadLog()),
    byKey: (type, key) =>
      type === 'DestinationRule' && key.startsWith(prefix) ? nothing : mesh.byKey(type, key),
  };
}

function lostSettings(hidden: EffectiveRule, actual: EffectiveRule): readonly string[] {
  const kept = new Set(leavesOf(actual.trafficPolicy ?? {}, []));
  const subsets = new Set(subsetNames(actual));
  return [
    ...leavesOf(hidden.trafficPolicy ?? {}, []).filter((leaf) => !kept.has(leaf)),
    ...subsetNames(hidden)
      .filter((name) => !subsets.has(name))
      .map((name) => `subset ${name}`),
  ];
}

function subsetNames(effective: EffectiveRule): readonly string[] {
  return effective.rules.flatMap((rule) =>
    subsetsOf(rule).flatMap((subset) => stringIn(subset, 'name') ?? []),
  );
}

function subsetsOf(rule: Resource): readonly Json[] {
  return listIn(rule.object, 'spec', 'subsets');
}

/** The settings of a policy as dotted paths; port-level ones by the number of their port. */
function leavesOf(value: Json, path: readonly string[]): readonly string[] {
  if (path.at(-1) === 'portLevelSettings') {
    return listIn({ value }, 'value').flatMap((setting) => {
      const { port, ...rest } = objectIn(setting);
      return leavesOf(rest, [...path, String(numberIn(port, 'number') ?? '')]);
    });
  }
  if (!isObject(value) || Object.keys(value).length === 0) {
    return path.length === 0 ? [] : [path.join('.')];
  }
  return Object.entries(value).flatMap(([key, member]) => leavesOf(member, [...path, key]));
}

/** Exports that nobody reads: the namespaces, with the host and the namespace that owns it. */
export interface UnreadExports {
  readonly host: string;
  readonly owner: string;
  readonly namespaces: readonly string[];
}

/** The namespaces to which a rule is exported by name though their clients never read it. */
export function unreadExports(rule: Resource, mesh: Mesh): UnreadExports {
  const host = ruleHost(rule, mesh);
  const owners = hostOwner(host, mesh).namespaces;
  const [owner] = [...owners].sort(compareText);
  const read =
    owner === undefined || owners.has(rule.namespace) || rule.namespace === meshWideNamespace(mesh);
  const namespaces = read
    ? []
    : listIn(rule.object, 'spec', 'exportTo').filter(
        (to): to is string =>
          typeof to === 'string' && !['', '.', '*', '~', rule.namespace].includes(to),
      );
  return { host, owner: owner ?? '', namespaces };
}
