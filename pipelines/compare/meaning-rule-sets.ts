import { isObject, listIn, objectIn, stringIn, type Json } from '../../policies/core/json.ts';

/** How two sets of authorization rules compare, as far as their structure tells. */
export type SetChange = 'same' | 'wider' | 'narrower' | 'unknown';

/** Fields of a source or an operation that must match, each with the one that must not. */
const sections = {
  from: {
    element: 'source',
    fields: [
      'principals',
      'requestPrincipals',
      'namespaces',
      'ipBlocks',
      'remoteIpBlocks',
      'serviceAccounts',
    ],
  },
  to: { element: 'operation', fields: ['hosts', 'ports', 'methods', 'paths'] },
} as const;
const ruleKeys = new Set(['from', 'to', 'when']);
const conditionKeys = new Set(['key', 'values', 'notValues']);

/**
 * Whether the rules of an AuthorizationPolicy match more requests than before, or fewer. Rule by rule and value by
 * value, with `*`, `x*` and `*x` as Istio reads them; where that proves neither, nothing is claimed.
 */
export function compareRules(before: readonly Json[], after: readonly Json[]): SetChange {
  const grew = covered(before, after);
  const shrank = covered(after, before);
  if (grew && shrank) {
    return 'same';
  }
  if (grew) {
    return 'wider';
  }
  return shrank ? 'narrower' : 'unknown';
}

/** Whether every rule of one list matches nothing that no rule of the other one matches. */
function covered(rules: readonly Json[], by: readonly Json[]): boolean {
  return rules.every((rule) => by.some((wider) => ruleWithin(rule, wider)));
}

function ruleWithin(rule: Json, wider: Json): boolean {
  if (!isReadable(rule, ruleKeys) || !isReadable(wider, ruleKeys)) {
    return false;
  }
  return (
    sectionWithin(rule, wider, 'from') &&
    sectionWithin(rule, wider, 'to') &&
    listIn(wider, 'when').every((condition) =>
      listIn(rule, 'when').some((own) => conditionWithin(own, condition)),
    )
  );
}

function sectionWithin(rule: Json, wider: Json, section: keyof typeof sections): boolean {
  const others = listIn(wider, section);
  const own = listIn(rule, section);
  return (
    others.length === 0 ||
    (own.length > 0 &&
      own.every((element) => others.some((other) => elementWithin(element, other, section))))
  );
}

function elementWithin(element: Json, other: Json, section: keyof typeof sections): boolean {
  const { element: key, fields } = sections[section];
  const [own, wider] = [objectIn(element, key), objectIn(other, key)];
  const known = new Set(fields.flatMap((field) => [field, negated(field)]));
  return (
    isReadable(own, known) &&
    isReadable(wider, known) &&
    fields.every(
      (field) =>
        valuesWithin(listIn(own, field), listIn(wider, field)) &&
        valuesExcluded(listIn(own, negated(field)), listIn(wider, negated(field))),
    )
  );
}

function conditionWithin(own: Json, wider: Json): boolean {
  return (
    isReadable(own, conditionKeys) &&
    isReadable(wider, conditionKeys) &&
    stringIn(own, 'key') === stringIn(wider, 'key') &&
    valuesWithin(listIn(own, 'values'), listIn(wider, 'values')) &&
    valuesExcluded(listIn(own, 'notValues'), listIn(wider, 'notValues'))
  );
}

/** No values mean any. */
function valuesWithin(own: readonly Json[], wider: readonly Json[]): boolean {
  return (
    wider.length === 0 ||
    (own.length > 0 && own.every((value) => wider.some((pattern) => matches(pattern, value))))
  );
}

/** What the wider one excludes, the own one must exclude as well. */
function valuesExcluded(own: readonly Json[], wider: readonly Json[]): boolean {
  return wider.every((value) => own.some((pattern) => matches(pattern, value)));
}

/** Whether a pattern matches all that another pattern, or a plain value, does. */
function matches(pattern: Json, value: Json): boolean {
  if (typeof pattern !== 'string' || typeof value !== 'string') {
    return false;
  }
  if (pattern === value || pattern === '*') {
    return true;
  }
  if (pattern.endsWith('*')) {
    return !value.startsWith('*') && value.startsWith(pattern.slice(0, -1));
  }
  return pattern.startsWith('*') && !value.endsWith('*') && value.endsWith(pattern.slice(1));
}

/** A field that we do not know might narrow what we take for wide. */
function isReadable(value: Json, known: ReadonlySet<string>): boolean {
  return isObject(value) && Object.keys(value).every((key) => known.has(key));
}

function negated(field: string): string {
  return `not${field.charAt(0).toUpperCase()}${field.slice(1)}`;
}
