import type { FieldManager } from './managed-fields.ts';
import type { OwnedDifference } from './judging.ts';
import type { DriftClass, DriftVerdict } from './report.ts';

/** The verdict on a field of a class. */
export function verdictOfClass(drift: DriftClass): DriftVerdict {
  switch (drift) {
    case 'removed-in-git':
      return 'removed';
    case 'foreign-addition':
      return 'foreign';
    default:
      return 'changed';
  }
}

/** How a field came to differ, in one sentence without a full stop. */
export function whyField(difference: OwnedDifference, ownersKnown: boolean): string {
  const [latest] = difference.owners;
  const who = latest === undefined ? 'somebody' : describeManager(latest);
  switch (difference.class) {
    case 'not-applied':
      return `${who} alone owns it: Git is ahead, or the last deployment failed or is paused`;
    case 'changed':
      return whyChanged(difference, who);
    case 'contested':
      return `${who} acted last, and others own it as well: ${namesOf(difference.owners.slice(1))}`;
    case 'rewritten':
      return ownersKnown
        ? 'nobody owns the value: an admission webhook wrote it, or a scale'
        : 'the live object does not say who wrote it';
    case 'missing-field':
      return difference.wasApplied
        ? 'it was applied and is gone: somebody removed it, and a removal leaves no trace of who'
        : 'Git declares it and the live object lacks it: removed, never applied, or unknown to the API server';
    case 'removed-in-git':
      return `${whyRemoved(difference)}, and the deployer has not removed it${heldBy(difference.owners)}`;
    case 'foreign-addition':
      return `${who} added it, and Git does not declare it`;
  }
}

function whyChanged({ byDefault, moved }: OwnedDifference, who: string): string {
  if (byDefault === true) {
    return `Git relies on the default, and ${who} set another value`;
  }
  return moved === true
    ? `${who} moved it to another place in the list`
    : `${who} set another value`;
}

function whyRemoved({ byDefault }: OwnedDifference): string {
  return byDefault === true
    ? 'Git no longer states it and relies on the default'
    : 'Git no longer declares it';
}

function heldBy(owners: readonly FieldManager[]): string {
  return owners.length === 0 ? '' : `: it belongs to ${namesOf(owners)}`;
}

function namesOf(owners: readonly FieldManager[]): string {
  return owners.map(describeManager).join(', ');
}

/** What a person can do about an object with this verdict. */
export function remedyFor(verdict: DriftVerdict, classes: ReadonlySet<DriftClass>): string {
  switch (verdict) {
    case 'missing':
      return 'Apply Git again, or remove the object from Git if it is not wanted any more.';
    case 'extra':
      return 'Declare the object in Git, or delete it from the cluster.';
    case 'unknown':
      return 'Look at the object in the cluster, and compare again.';
    case 'removed':
      return 'Let the deployer prune it: apply Git again with the manager that applied it before.';
    case 'foreign':
      return 'Bring the addition into Git, or remove it from the cluster.';
    case 'changed':
      return classes.size === 1 && classes.has('not-applied')
        ? 'See whether the deployment of this change failed or is paused, and apply Git.'
        : 'Bring the live value into Git if it is right, or apply Git again to restore it.';
  }
}

/** `kubectl-edit (Update, last at 2026-05-01T10:00:00Z)`. */
function describeManager({ manager, operation, time, subresource }: FieldManager): string {
  const through = subresource === undefined ? '' : ` through ${subresource}`;
  return `${manager} (${operation}${through}${time === undefined ? '' : `, last at ${time}`})`;
}
