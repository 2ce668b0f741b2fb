import { listIn, stringIn, valueIn } from '../../policies/core/json.ts';
import { equalJson } from '../../policies/core/patch.ts';
import type { Resource } from '../../policies/core/resource.ts';
import { rootNamespace } from '../../policies/mesh/mesh-config.ts';
import type { Mesh } from '../../policies/mesh/mesh.ts';
import { compareRules } from './meaning-rule-sets.ts';
import {
  nameOf,
  pairsOf,
  statement,
  type Effect,
  type MeshChange,
  type ResourcePair,
  type Statement,
} from './meaning-statement.ts';

/** What AuthorizationPolicies let through that they did not, and the other way round. */
export function explainAuthorization(change: MeshChange): readonly Statement[] {
  return pairsOf(change, 'AuthorizationPolicy').flatMap((pair) => explainPolicy(pair, change));
}

function explainPolicy(pair: ResourcePair, change: MeshChange): readonly Statement[] {
  const { before, after } = pair;
  if (before === undefined && after !== undefined) {
    return [appearing(pair, after, change.before)];
  }
  if (before !== undefined && after === undefined) {
    return [vanishing(pair, before, change.after)];
  }
  return before === undefined || after === undefined ? [] : changing(pair, before, after);
}

function appearing(pair: ResourcePair, policy: Resource, before: Mesh): Statement {
  const action = actionOf(policy);
  const say = saying(pair, action);
  if (action === 'DENY') {
    return say('closed', 'is added: what it names is denied.');
  }
  if (action !== 'ALLOW') {
    return say('unsure', 'is added.');
  }
  switch (companions(policy, before)) {
    case 'none':
      return say('closed', 'is added, the first one there: all that it does not name is denied.');
    case 'sure':
      return say('opened', 'is added beside others: what it names is allowed too.');
    case 'unsure':
      return say(
        'unsure',
        'is added: whether it allows more or less depends on the other policies there.',
      );
  }
}

function vanishing(pair: ResourcePair, policy: Resource, after: Mesh): Statement {
  const action = actionOf(policy);
  const say = saying(pair, action);
  if (action === 'DENY') {
    return say('opened', 'is removed: what it named is no longer denied.');
  }
  if (action !== 'ALLOW') {
    return say('unsure', 'is removed.');
  }
  switch (companions(policy, after)) {
    case 'none':
      return say('opened', 'is removed, the last one there: everything is allowed.');
    case 'sure':
      return say('closed', 'is removed: only the other policies there allow anything.');
    case 'unsure':
      return say(
        'unsure',
        'is removed: whether that allows more or less depends on the other policies there.',
      );
  }
}

function changing(pair: ResourcePair, before: Resource, after: Resource): readonly Statement[] {
  const [was, is] = [actionOf(before), actionOf(after)];
  if (was !== is) {
    const text = `${nameOf(pair)} goes from ${was} to ${is}.`;
    return [statement(pair, 'authorization', actionEffect(was, is), text)];
  }
  const say = saying(pair, is);
  if (!sameTargets(before, after)) {
    return [say('unsure', 'is changed: it is for other workloads than before.')];
  }
  const words = is === 'ALLOW' || is === 'DENY' ? changeWords[is] : undefined;
  const rules = compareRules(rulesOf(before), rulesOf(after));
  if (words !== undefined && rules !== 'unknown') {
    const word = rules === 'same' ? undefined : words[rules];
    return word === undefined ? [] : [say(word.effect, word.text)];
  }
  return equalJson(valueIn(before.object, 'spec'), valueIn(after.object, 'spec'))
    ? []
    : [say('unsure', 'is changed.')];
}

const changeWords = {
  ALLOW: {
    wider: { effect: 'opened', text: 'is widened: it allows more than before.' },
    narrower: { effect: 'closed', text: 'is narrowed: it allows less than before.' },
  },
  DENY: {
    wider: { effect: 'closed', text: 'is widened: it denies more than before.' },
    narrower: { effect: 'opened', text: 'is narrowed: it denies less than before.' },
  },
} as const;

function actionEffect(was: string, is: string): Effect {
  if (was === 'DENY' && is === 'AUDIT') {
    return 'opened';
  }
  return was === 'AUDIT' && is === 'DENY' ? 'closed' : 'unsure';
}

function saying(pair: ResourcePair, action: string): (effect: Effect, what: string) => Statement {
  return (effect, what) =>
    statement(pair, 'authorization', effect, `${nameOf(pair)} (${action}) ${what}`);
}

/** What a policy does; one that is only tried out (`istio.io/dry-run`) denies and allows nothing. */
function actionOf(policy: Resource): string {
  if (policy.annotations['istio.io/dry-run'] === 'true') {
    return 'AUDIT';
  }
  const action = stringIn(policy.object, 'spec', 'action') ?? 'ALLOW';
  return ['ALLOW', 'DENY', 'AUDIT', 'CUSTOM'].includes(action) ? action : 'unknown action';
}

function rulesOf(policy: Resource): ReturnType<typeof listIn> {
  return listIn(policy.object, 'spec', 'rules');
}

function sameTargets(one: Resource, other: Resource): boolean {
  return ['selector', 'targetRef', 'targetRefs'].every((key) =>
    equalJson(valueIn(one.object, 'spec', key), valueIn(other.object, 'spec', key)),
  );
}

/**
 * Whether other ALLOW policies hold wherever this one does: `none` where there is no other in its reach, `unsure` where
 * others are for some of its workloads only.
 */
function companions(policy: Resource, mesh: Mesh): 'none' | 'sure' | 'unsure' {
  const root = rootNamespace(mesh);
  const others = [...new Set([policy.namespace, root])]
    .flatMap((namespace) => [...mesh.inNamespace('AuthorizationPolicy', namespace)])
    .filter(
      (other) =>
        actionOf(other) === 'ALLOW' &&
        !(other.namespace === policy.namespace && other.name === policy.name),
    );
  if (policy.namespace === root && hasOutside(mesh, root)) {
    return 'unsure';
  }
  if (others.length === 0) {
    return 'none';
  }
  const sure = others.some(
    (other) =>
      isForAll(other) || (sameTargets(policy, other) && other.namespace === policy.namespace),
  );
  return sure ? 'sure' : 'unsure';
}

/** Whether some other namespace has policies of its own, which a mesh-wide one meets. */
function hasOutside(mesh: Mesh, root: string): boolean {
  return [...mesh.namespacesWith('AuthorizationPolicy')].some((namespace) => namespace !== root);
}

function isForAll({ object }: Resource): boolean {
  return ['selector', 'targetRef', 'targetRefs'].every(
    (key) => valueIn(object, 'spec', key) === undefined,
  );
}
