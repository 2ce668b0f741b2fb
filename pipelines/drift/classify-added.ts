import { isObject, member, type Json } from '../../policies/core/json.ts';
import type { Difference, Path } from './differences.ts';
import { byTime, type Judging, type OwnedDifference } from './judging.ts';
import { wasApplied } from './last-applied.ts';
import { memberPlace, type Place } from './place.ts';
import type { DriftClass } from './report.ts';
import { isDeployerStamp } from './stamps.ts';
import { countsAsForeign } from './steering.ts';

/** Something in the live object that Git does not state. */
interface Addition {
  readonly at: Path;
  readonly live: Json;
  readonly place: Place;
  readonly isElement: boolean;
}

/**
 * What an addition to the live object means, leaf by leaf. Where all of a subtree is reported alike, the subtree is
 * one difference; where a part is silent, the parts stand alone.
 */
export function classifyAdded(
  difference: Difference,
  judging: Judging,
): readonly OwnedDifference[] {
  const { at, live = null, place, isElement } = difference;
  return classify({ at, live, place, isElement }, judging).found;
}

function classify(
  addition: Addition,
  judging: Judging,
): { readonly found: readonly OwnedDifference[]; readonly whole: boolean } {
  const { at, live, place, isElement } = addition;
  if (!isObject(live) || Object.keys(live).length === 0) {
    const found = classifyLeaf(addition, judging);
    return { found, whole: found.length > 0 };
  }
  const parts = Object.keys(live).map((key) =>
    classify(
      {
        at: [...at, key],
        live: member(live, key) ?? null,
        place: memberPlace(place, key),
        isElement,
      },
      judging,
    ),
  );
  const found = parts.flatMap((part) => part.found);
  const [first] = found;
  const alike = found.every((part) => part.class === first?.class);
  const isOne = alike && parts.every((part) => part.whole) && !isMetadata(at);
  if (first === undefined || !isOne) {
    return { found, whole: false };
  }
  const whole: OwnedDifference = {
    at,
    class: first.class,
    live,
    byDefault: false,
    owners: byTime(judging.ownership.ownersOf(at)),
    wasApplied: first.wasApplied,
  };
  return { found: [whole], whole: true };
}

/** Each label and annotation stands for itself. */
function isMetadata(at: Path): boolean {
  const [holder, name] = at.slice(-2);
  return (
    name === 'metadata' || (holder === 'metadata' && (name === 'labels' || name === 'annotations'))
  );
}

function classifyLeaf(addition: Addition, judging: Judging): readonly OwnedDifference[] {
  const { at, live } = addition;
  const owners = byTime(judging.ownership.ownersOf(at));
  const applied = wasApplied(judging.applied, judging.live, at, judging.root);
  const found = classOf(addition, judging, { owners, applied });
  if (found === undefined) {
    return [];
  }
  const difference: OwnedDifference = {
    at,
    class: found,
    live,
    byDefault: false,
    owners,
    wasApplied: applied,
  };
  return judging.isIgnored(difference) ? [] : [difference];
}

function classOf(
  { at, place, isElement }: Addition,
  judging: Judging,
  { owners, applied }: { readonly owners: OwnedDifference['owners']; readonly applied: boolean },
): DriftClass | undefined {
  const deployers = owners.filter((owner) => judging.isDeployer(owner));
  if (isDeployerStamp(at, deployers.length === owners.length)) {
    return undefined;
  }
  if (applied || deployers.some(({ operation }) => operation === 'Apply')) {
    return 'removed-in-git';
  }
  if (place.shape?.assigned === true) {
    return undefined;
  }
  if (deployers.length > 0 && judging.applied === undefined) {
    return 'removed-in-git';
  }
  if (owners.length > deployers.length) {
    const counts = judging.strict || countsAsForeign(judging.apiVersion, judging.kind, at);
    return counts ? 'foreign-addition' : undefined;
  }
  // An element of a list that Git states makes the list another value, whoever added it.
  return isElement && countsAsForeign(judging.apiVersion, judging.kind, at)
    ? 'rewritten'
    : undefined;
}
