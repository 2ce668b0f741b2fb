import { isObject, type Json } from '../../policies/core/json.ts';
import type { KindShape } from './shape/kind-shape.ts';
import type { Shape } from './shape/shape.ts';

/** What is known of the place of a value within an object. */
export interface Place {
  readonly shape?: Shape;
  /** A map whose keys are the author's, so that every value of it is stored. */
  readonly isMap: boolean;
  /** A zero here is not stored. */
  readonly dropsZero: boolean;
  readonly omitsZeros: boolean;
}

/** Maps of Kubernetes' own kinds, by the names of their fields. */
const maps: ReadonlySet<string> = new Set(
  'labels annotations matchLabels nodeSelector selector data binaryData limits requests hard capacity overhead parameters options volumeAttributes'.split(
    ' ',
  ),
);

/** The place of a whole object. */
export function rootPlace({ shape, omitsZeros }: KindShape): Place {
  return { shape, isMap: false, dropsZero: false, omitsZeros };
}

/** The place of a member. */
export function memberPlace(place: Place, key: string): Place {
  const shape = place.shape?.members.get(key) ?? place.shape?.each;
  return {
    ...(shape === undefined ? {} : { shape }),
    isMap: maps.has(key),
    dropsZero: place.omitsZeros && !place.isMap && shape?.kept !== true,
    omitsZeros: place.omitsZeros,
  };
}

/** The place of an element of a list. */
export function elementPlace(place: Place): Place {
  const shape = place.shape?.each;
  return {
    ...(shape === undefined ? {} : { shape }),
    isMap: false,
    dropsZero: false,
    omitsZeros: place.omitsZeros,
  };
}

/**
 * True for a value that says no more than its absence: null and an empty list anywhere, and for kinds that do not store
 * zeros whatever is zero all the way down.
 */
export function isNothing(value: Json, place: Place): boolean {
  if (value === null) {
    return true;
  }
  if (Array.isArray(value)) {
    return value.length === 0;
  }
  if (!place.dropsZero) {
    return false;
  }
  if (isObject(value)) {
    const entries = Object.entries(value);
    return place.isMap
      ? entries.length === 0
      : entries.every(([key, inner]) => isNothing(inner, memberPlace(place, key)));
  }
  return value === false || value === 0 || value === '';
}
