import { isObject, listIn, stringIn, valueIn, type Json } from '../../policies/core/json.ts';
import { equalJson } from '../../policies/core/patch.ts';
import { describeShares, sharesOf, shiftsOf } from './meaning-shares.ts';
import {
  brief,
  counted,
  fateOf,
  listed,
  nameOf,
  pairsOf,
  sorted,
  statement,
  subjectOf,
  type MeshChange,
  type ResourcePair,
  type Statement,
} from './meaning-statement.ts';
import { isReordered, pairList } from './pair-elements.ts';

const routeKinds = ['VirtualService', 'HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute'] as const;
const ruleFields: readonly string[] = ['http', 'tls', 'tcp', 'rules'];
/** Where a route says what it is about; VirtualService first, then Gateway API. */
const scopeFields = ['hosts', 'hostnames', 'gateways', 'parentRefs'];
/** Settings with a value worth naming, by their path within a rule. */
const settings: readonly (readonly [string, readonly string[]])[] = [
  ['timeout', ['timeout']],
  ['timeout', ['timeouts', 'request']],
  ['backend timeout', ['timeouts', 'backendRequest']],
  ['retry attempts', ['retries', 'attempts']],
  ['retry attempts', ['retry', 'attempts']],
  ['time per try', ['retries', 'perTryTimeout']],
];
const readElsewhere: ReadonlySet<string> = new Set(['name', 'route', 'backendRefs', 'timeout']);
const mostPieces = 4;

/** Where traffic goes that went elsewhere, and how long it may take. */
export function explainRoutes(change: MeshChange): readonly Statement[] {
  return pairsOf(change, ...routeKinds).flatMap(explainRoute);
}

function explainRoute(pair: ResourcePair): readonly Statement[] {
  const { before, after } = pair;
  if (before === undefined || after === undefined) {
    return [wholeRoute(pair, before === undefined ? 'added' : 'removed')];
  }
  const pieces = [
    ...scopeFields.flatMap((field) => scopePieces(field, before.object, after.object)),
    ...ruleFields.flatMap((field) => {
      const [old, now] = [
        listIn(before.object, 'spec', field),
        listIn(after.object, 'spec', field),
      ];
      return rulesPieces(after.kind, field, old, now);
    }),
  ];
  if (pieces.length === 0) {
    return [];
  }
  const rest = pieces.length - mostPieces;
  const more = rest > 0 ? `; and ${counted(rest, 'more difference')}` : '';
  const text = `${routesOf(pair)}: ${pieces.slice(0, mostPieces).join('; ')}${more}.`;
  return [statement(pair, 'routes', 'shifted', text)];
}

function wholeRoute(pair: ResourcePair, change: 'added' | 'removed'): Statement {
  const object = subjectOf(pair)?.object;
  const rules = ruleFields.flatMap((field) => listIn(object, 'spec', field));
  const [only] = rules;
  const to =
    rules.length === 1 && only !== undefined
      ? describeShares(sharesOf(only))
      : sorted(rules.flatMap((rule) => [...sharesOf(rule).keys()]));
  const where = to.length === 0 ? '' : ` to ${listed(to)}`;
  const text = `${routesOf(pair)} are ${change}: ${counted(rules.length, 'rule')}${where}.`;
  return statement(pair, 'routes', 'shifted', text);
}

/** `Routes for reviews.shop (VirtualService shop/reviews)`. */
function routesOf(pair: ResourcePair): string {
  const object = subjectOf(pair)?.object;
  const hosts = [...listIn(object, 'spec', 'hosts'), ...listIn(object, 'spec', 'hostnames')];
  const named = listed(sorted(hosts.filter((host) => typeof host === 'string')));
  return named === '' ? `Routes of ${nameOf(pair)}` : `Routes for ${named} (${nameOf(pair)})`;
}

function scopePieces(field: string, before: Json, after: Json): readonly string[] {
  const [old, now] = [wordsIn(before, field), wordsIn(after, field)];
  const added = now.filter((word) => !old.includes(word));
  const removed = old.filter((word) => !now.includes(word));
  return [
    ...(added.length === 0 ? [] : [`${field} ${listed(added)} added`]),
    ...(removed.length === 0 ? [] : [`${field} ${listed(removed)} removed`]),
  ];
}

function wordsIn(object: Json, field: string): readonly string[] {
  return sorted(
    listIn(object, 'spec', field).map((entry) =>
      typeof entry === 'string' ? entry : (stringIn(entry, 'name') ?? ''),
    ),
  );
}

function rulesPieces(
  kind: string,
  field: string,
  before: readonly Json[],
  after: readonly Json[],
): readonly string[] {
  const paired = pairList(kind, field, before, after);
  if (paired === undefined) {
    return [];
  }
  const alone = before.length <= 1 && after.length <= 1;
  const kept = new Set(paired.pairing.values());
  const reordered = paired.ordered && isReordered(paired.pairing);
  return [
    ...(reordered ? [`order of ${field} changed`] : []),
    ...before.flatMap((rule, index) => {
      const other = paired.pairing.get(index);
      const now = other === undefined ? undefined : after[other];
      return now === undefined
        ? [`${ruleName(rule, index)} removed${destinations(rule)}`]
        : rulePieces(rule, now).map((piece) =>
            alone ? piece : `${ruleName(now, other ?? index)} ${piece}`,
          );
    }),
    ...after.flatMap((rule, index) =>
      kept.has(index) ? [] : [`${ruleName(rule, index)} added${destinations(rule)}`],
    ),
  ];
}

function rulePieces(before: Json, after: Json): readonly string[] {
  const valued = settings.flatMap(([name, path]) => {
    const [was, is] = [valueIn(before, ...path), valueIn(after, ...path)];
    return equalJson(was, is) ? [] : [`${name} from ${word(was)} to ${word(is)}`];
  });
  const named = new Set(valued.length === 0 ? [] : ['retries', 'retry', 'timeouts']);
  const keys = sorted([...keysOf(before), ...keysOf(after)]).filter(
    (key) => !readElsewhere.has(key) && !named.has(key),
  );
  const others = keys.flatMap((key) => {
    const [was, is] = [valueIn(before, key), valueIn(after, key)];
    if (equalJson(was, is)) {
      return [];
    }
    return [`${brief(key)} ${fateOf(was, is)}`];
  });
  return [...shiftsOf(sharesOf(before), sharesOf(after)), ...valued, ...others];
}

function destinations(rule: Json): string {
  const to = describeShares(sharesOf(rule));
  return to.length === 0 ? '' : ` (to ${listed(to)})`;
}

function ruleName(rule: Json, index: number): string {
  const name = stringIn(rule, 'name');
  return name === undefined ? `rule ${String(index + 1)}` : `rule ${brief(name)}`;
}

function keysOf(value: Json): readonly string[] {
  return isObject(value) ? Object.keys(value) : [];
}

function word(value: Json | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? brief(String(value)) : 'none set';
}
