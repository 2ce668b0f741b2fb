import { isObject, member, type Json } from '../../policies/core/json.ts';
import type { Difference, Path } from './differences.ts';
import {
  byTime,
  provenanceOf,
  wasDropped,
  wasStated,
  type Judging,
  type OwnedDifference,
  type Provenance,
} from './judging.ts';
import { memberPlace, type Place } from './place.ts';
import type { DriftClass } from './report.ts';
import { isDeployerStamp } from './stamps.ts';
import { countsAsForeign } from './steering.ts';

/** Something in the live object that Git does not state. */
interface Addition {
  readonly at: Path;
  readonly live: Json;
  readonly place: Place;
  readonly isElement?: true;
}

/**
 * What an addition to the live object means, leaf by leaf. Where all of a subtree is reported alike, the subtree is
 * one difference; where a part is silent, the parts stand alone.
 */
export function classifyAdded(
  difference: Difference,
  judging: Judging,
): readonly OwnedDifference[] {
  return classify({ ...difference, live: difference.live ?? null }, judging).found;
}

function classify(
  addition: Addition,
  judging: Judging,
): { readonly found: readonly OwnedDifference[]; readonly whole: boolean } {
  const { at, live, place } = addition;
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
  const provenance = provenanceOf(at, judging);
  const found = classOf(addition, judging, provenance);
  if (found === undefined) {
    return [];
  }
  const { owners, wasApplied } = provenance;
  const difference: OwnedDifference = { at, class: found, live, owners, wasApplied };
  return judging.isIgnored(difference) ? [] : [difference];
}

function classOf(
  { at, place, isElement }: Addition,
  judging: Judging,
  provenance: Provenance,
): DriftClass | undefined {
  const { owners, deployers } = provenance;
  if (isDeployerStamp(at, deployers.length === owners.length)) {
    return undefined;
  }
  if (place.shape?.assigned === true && !wasStated(provenance)) {
    return undefined;
  }
  if (wasDropped(provenance, judging)) {
    return 'removed-in-git';
  }
  const counts = judging.strict || countsAsForeign(judging.apiVersion, judging.kind, at);
  if (owners.length > deployers.length) {
    return counts ? 'foreign-addition' : undefined;
  }
  // An element of a list that Git states makes the list another value, whoever added it.
  return isElement === true && counts ? 'rewritten' : undefined;
}
