import { compileGlob, type NameTest } from '../../policies/core/glob.ts';
import type { DriftIgnore } from '../../policies/core/settings-drift.ts';
import type { ObjectReference } from '../../policies/core/resource.ts';
import { matchesField, parseFieldPattern, type FieldPattern } from './field-pattern.ts';
import type { Judging, OwnedDifference } from './judging.ts';
import type { IgnoredDrift } from './report.ts';

/** The configured ignore rules at one moment; they count what they explain. */
export interface IgnoreRules {
  /** Whether a rule explains a difference. */
  explains(judging: Judging, difference: OwnedDifference): boolean;
  /** Whether a rule explains an object as a whole: missing, undeclared or different in any way. */
  coversObject(reference: ObjectReference): boolean;
  /** Rules that explained something. */
  used(): readonly IgnoredDrift[];
  /** Rules that are over or explained nothing, with what to do. */
  unused(): readonly string[];
}

interface Compiled {
  readonly rule: DriftIgnore;
  readonly words: string;
  readonly name: NameTest;
  readonly namespace: NameTest;
  readonly manager: NameTest | undefined;
  readonly pattern: FieldPattern | undefined;
  count: number;
}

/** Compiles rules; those whose last day is over at `now` (milliseconds since the epoch) explain nothing. */
export function compileIgnores(rules: readonly DriftIgnore[], now: number): IgnoreRules {
  const live = rules.filter((rule) => !isOver(rule, now)).map(compile);
  const over = rules.filter((rule) => isOver(rule, now));
  return {
    explains(judging, difference) {
      const rule = live.find((candidate) => matches(candidate, judging, difference));
      return count(rule);
    },
    coversObject(reference) {
      const isWhole = ({ pattern, manager }: Compiled): boolean =>
        pattern === undefined && manager === undefined;
      return count(live.find((rule) => isWhole(rule) && matchesObject(rule, reference)));
    },
    used: () =>
      live
        .filter((rule) => rule.count > 0)
        .map((rule) => ({ rule: rule.words, source: 'configuration', count: rule.count })),
    unused: () => [
      ...over.map(
        (rule) =>
          `${describe(rule)} has expired on ${rule.expires}: remove it, or move the date if it still holds`,
      ),
      ...live
        .filter((rule) => rule.count === 0)
        .map(({ words }) => `${words} explained nothing: remove it if the difference is gone`),
    ],
  };
}

function count(rule: Compiled | undefined): boolean {
  if (rule !== undefined) {
    rule.count += 1;
  }
  return rule !== undefined;
}

function compile(rule: DriftIgnore): Compiled {
  return {
    rule,
    words: describe(rule),
    name: compileGlob(rule.name ?? '*'),
    namespace: compileGlob(rule.namespace ?? '*'),
    manager: rule.manager === undefined ? undefined : compileGlob(rule.manager),
    pattern: rule.at === undefined ? undefined : parseFieldPattern(rule.at),
    count: 0,
  };
}

function matches(rule: Compiled, judging: Judging, difference: OwnedDifference): boolean {
  const { pattern, manager } = rule;
  const object = difference.class === 'missing-field' ? judging.declared : judging.live;
  return (
    matchesObject(rule, judging) &&
    (pattern === undefined
      ? rule.rule.at === undefined
      : matchesField(pattern, difference.at, object)) &&
    (manager === undefined || difference.owners.some((owner) => manager(owner.manager))) &&
    isWithin(rule.rule, difference.live)
  );
}

function matchesObject(
  { rule, name, namespace }: Compiled,
  reference: Pick<ObjectReference, 'kind' | 'name' | 'namespace'>,
): boolean {
  return (
    (rule.kind === undefined || rule.kind === reference.kind) &&
    name(reference.name) &&
    namespace(reference.namespace)
  );
}

function isWithin({ minimum, maximum }: DriftIgnore, live: unknown): boolean {
  if (minimum === undefined && maximum === undefined) {
    return true;
  }
  return typeof live === 'number' && live >= (minimum ?? live) && live <= (maximum ?? live);
}

function describe({ kind, name, namespace, at, manager, reason }: DriftIgnore): string {
  const parts = [
    ...(kind === undefined ? [] : [kind]),
    ...(namespace === undefined && name === undefined
      ? []
      : [`${namespace ?? '*'}/${name ?? '*'}`]),
    ...(at === undefined ? [] : [at]),
    ...(manager === undefined ? [] : [`by ${manager}`]),
  ];
  return `the ignore rule for ${parts.join(' ')} (${reason})`;
}

/** A rule holds until its last day has ended in UTC. */
function isOver({ expires }: DriftIgnore, now: number): boolean {
  const [year = 0, month = 1, day = 1] = expires.split('-').map(Number);
  return now >= Date.UTC(year, month - 1, day + 1);
}
