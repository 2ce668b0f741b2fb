import { classifyAdded } from './classify-added.ts';
import type { Difference } from './differences.ts';
import { byTime, type Judging, type OwnedDifference } from './judging.ts';
import { wasApplied } from './last-applied.ts';
import type { FieldManager } from './managed-fields.ts';
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
  const { kind, at, atDeclared, declared, live, byDefault } = difference;
  const isGone = kind === 'gone';
  const owners = isGone ? [] : byTime(judging.ownership.ownersOf(at));
  const applied = wasApplied(
    judging.applied,
    isGone ? judging.declared : judging.live,
    at,
    judging.root,
  );
  const found = isGone ? 'missing-field' : classOf(difference, judging, { owners, applied });
  if (found === undefined) {
    return [];
  }
  const owned: OwnedDifference = {
    at,
    ...(atDeclared === undefined ? {} : { atDeclared }),
    class: found,
    ...(declared === undefined ? {} : { declared }),
    ...(live === undefined ? {} : { live }),
    byDefault,
    ...(kind === 'moved' ? { moved: true } : {}),
    owners,
    wasApplied: applied,
  };
  return judging.isIgnored(owned) ? [] : [owned];
}

function classOf(
  { at, byDefault, live }: Difference,
  judging: Judging,
  { owners, applied }: { readonly owners: readonly FieldManager[]; readonly applied: boolean },
): DriftClass | undefined {
  const deployers = owners.filter((owner) => judging.isDeployer(owner));
  if (byDefault) {
    if (
      applied ||
      deployers.some(({ operation }) => operation === 'Apply') ||
      (deployers.length > 0 && judging.applied === undefined)
    ) {
      return 'removed-in-git';
    }
    if (owners.length === 0) {
      return isScaledToZero(at, live) && judging.ownership.known ? 'rewritten' : undefined;
    }
    return owners.length > deployers.length ? 'changed' : undefined;
  }
  if (owners.length === 0) {
    return 'rewritten';
  }
  if (deployers.length === owners.length) {
    return 'not-applied';
  }
  return deployers.length === 0 ? 'changed' : 'contested';
}

/** A scale to zero leaves `spec.replicas` to nobody, since the Scale object leaves zeros out. */
function isScaledToZero(at: Difference['at'], live: unknown): boolean {
  return live === 0 && at.length === 2 && at[0] === 'spec' && at[1] === 'replicas';
}
