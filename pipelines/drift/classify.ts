import { classifyAdded } from './classify-added.ts';
import type { Difference } from './differences.ts';
import {
  provenanceOf,
  wasDropped,
  type Judging,
  type OwnedDifference,
  type Provenance,
} from './judging.ts';
import { wasApplied } from './last-applied.ts';
import type { DriftClass } from './report.ts';

/** What differences mean, by the owners of the live fields; those that mean nothing are left out. */
export function classifyAll(
  differences: readonly Difference[],
  judging: Judging,
): readonly OwnedDifference[] {
  return differences.flatMap((difference) =>
    difference.kind === 'added'
      ? classifyAdded(difference, judging)
      : classifyDeclared(difference, judging),
  );
}

function classifyDeclared(difference: Difference, judging: Judging): readonly OwnedDifference[] {
  const { kind, place: _place, isElement: _isElement, ...where } = difference;
  const provenance =
    kind === 'gone' ? removal(difference, judging) : provenanceOf(where.at, judging);
  const found = kind === 'gone' ? 'missing-field' : classOf(difference, judging, provenance);
  if (found === undefined) {
    return [];
  }
  const { owners, wasApplied } = provenance;
  const moved = kind === 'moved' ? ({ moved: true } as const) : {};
  const owned: OwnedDifference = { ...where, ...moved, class: found, owners, wasApplied };
  return judging.isIgnored(owned) ? [] : [owned];
}

/** What is gone belongs to nobody. */
function removal({ at }: Difference, { applied, declared, root }: Judging): Provenance {
  return { owners: [], deployers: [], wasApplied: wasApplied(applied, declared, at, root) };
}

function classOf(
  difference: Difference,
  judging: Judging,
  provenance: Provenance,
): DriftClass | undefined {
  const { owners, deployers } = provenance;
  if (difference.byDefault === true) {
    return overriddenDefault(difference, judging, provenance);
  }
  if (owners.length === 0) {
    return 'rewritten';
  }
  if (deployers.length === owners.length) {
    return 'not-applied';
  }
  return deployers.length === 0 ? 'changed' : 'contested';
}

/** Git relies on a default, and live has another value: a left-over, somebody's, or the server's own affair. */
function overriddenDefault(
  { at }: Difference,
  judging: Judging,
  provenance: Provenance,
): DriftClass | undefined {
  const { owners, deployers } = provenance;
  if (wasDropped(provenance, judging)) {
    return 'removed-in-git';
  }
  if (owners.length > deployers.length) {
    return 'changed';
  }
  const isUnowned = owners.length === 0 && judging.ownership.known;
  return isUnowned && isReplicas(at) ? 'rewritten' : undefined;
}

/**
 * A scale can leave `spec.replicas` to nobody: one to zero, since the Scale object leaves zeros out, and the first one
 * of what nobody owned, since the server tracks no owners of an object that has none.
 */
function isReplicas(at: Difference['at']): boolean {
  return at.length === 2 && at[0] === 'spec' && at[1] === 'replicas';
}
