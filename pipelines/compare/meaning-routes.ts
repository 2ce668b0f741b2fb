import { listIn, stringIn, type Json } from '../../policies/core/json.ts';
import { describeShares, sharesOf } from './meaning-shares.ts';
import {
  counted,
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
import { rulesPieces } from './meaning-route-rules.ts';

const routeKinds = ['VirtualService', 'HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute'] as const;
const ruleFields: readonly string[] = ['http', 'tls', 'tcp', 'rules'];
/** Where a route says what it is about; VirtualService first, then Gateway API. */
const scopeFields = ['hosts', 'hostnames', 'gateways', 'parentRefs'];
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
