import type { Json, JsonObject } from '../../policies/core/json.ts';
import { wasApplied } from './last-applied.ts';
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
  readonly byDefault?: true;
  /** It moved within its list. */
  readonly moved?: true;
  /** The one who acted last first. */
  readonly owners: readonly FieldManager[];
  readonly wasApplied: boolean;
}

/** Who owns a place of the live object, and whether it was applied. */
export function provenanceOf(at: Path, judging: Judging): Provenance {
  const owners = byTime(judging.ownership.ownersOf(at));
  return {
    owners,
    deployers: owners.filter((owner) => judging.isDeployer(owner)),
    wasApplied: wasApplied(judging.applied, judging.live, at, judging.root),
  };
}

/** Owners, the one who acted last first; those without a time changed nothing, and come last. */
export function byTime(owners: readonly FieldManager[]): readonly FieldManager[] {
  return owners.toSorted((left, right) => (right.time ?? '').localeCompare(left.time ?? '', 'en'));
}

/** The owners of a place, and whether what was last applied had it. */
export interface Provenance {
  readonly owners: readonly FieldManager[];
  readonly deployers: readonly FieldManager[];
  readonly wasApplied: boolean;
}

/** Whether Git certainly stated a place once: an Apply owns no defaults, and last-applied holds none. */
export function wasStated({ deployers, wasApplied }: Provenance): boolean {
  return wasApplied || deployers.some(({ operation }) => operation === 'Apply');
}

/** Whether Git stated a place that is no default: an Update owns defaults too, so last-applied has the say where it is. */
export function wasDropped(provenance: Provenance, { applied }: Judging): boolean {
  return wasStated(provenance) || (provenance.deployers.length > 0 && applied === undefined);
}
