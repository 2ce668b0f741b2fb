import { isObject, stringIn, valueIn, type Json } from '../../policies/core/json.ts';
import { equalJson } from '../../policies/core/patch.ts';
import { describeShares, sharesOf, shiftsOf } from './meaning-shares.ts';
import { brief, fateOf, listed, sorted } from './meaning-statement.ts';
import { isReordered, pairList } from './pair-elements.ts';

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

/** How the rules of a route differ, piece by piece: `rule x added (to a 100%)`. */
export function rulesPieces(
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
