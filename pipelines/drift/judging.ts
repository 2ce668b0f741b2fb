import type { Json, JsonObject } from '../../policies/core/json.ts';
import type { DriftClass } from './report.ts';
import type { Path } from './differences.ts';
import type { FieldManager, Ownership } from './managed-fields.ts';
import type { Place } from './place.ts';

/** What decides what the differences of one object mean. */
export interface Judging {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly root: Place;
  /** As Git declares it, with defaults. */
  readonly declared: JsonObject;
  /** As read, with managedFields. */
  readonly live: JsonObject;
  readonly ownership: Ownership;
  /** What was last applied, where the object says so. */
  readonly applied: JsonObject | undefined;
  isDeployer(owner: FieldManager): boolean;
  /** Whether every addition counts, not only those that change what the mesh does. */
  readonly strict: boolean;
  /** Asked once for each difference: whether a rule explains it. */
  isIgnored(difference: OwnedDifference): boolean;
}

/** A difference with its class and owners. */
export interface OwnedDifference {
  readonly at: Path;
  readonly atDeclared?: Path;
  readonly class: DriftClass;
  readonly declared?: Json;
  readonly live?: Json;
  readonly byDefault: boolean;
  /** It moved within its list. */
  readonly moved?: true;
  /** The one who acted last first. */
  readonly owners: readonly FieldManager[];
  readonly wasApplied: boolean;
}

/** Owners, the one who acted last first; those without a time changed nothing, and come last. */
export function byTime(owners: readonly FieldManager[]): readonly FieldManager[] {
  return owners.toSorted((left, right) => (right.time ?? '').localeCompare(left.time ?? '', 'en'));
}
