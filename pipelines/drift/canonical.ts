import { isObject, type Json, type JsonObject } from '../../policies/core/json.ts';
import { parseDuration } from '../../policies/core/duration.ts';
import { compareText } from '../../policies/core/resource.ts';
import { elementPlace, isNothing, memberPlace, type Place } from './place.ts';
import { amountOf } from './quantity.ts';
import type { Shape } from './shape/shape.ts';

/**
 * One text for all ways of saying the same: members sorted, what says nothing dropped, typed scalars by what they mean,
 * sets sorted. For values with their defaults.
 */
export function canonical(value: Json, place: Place): string {
  if (Array.isArray(value)) {
    const element = elementPlace(place);
    const items = (value as readonly Json[]).map((item) => canonical(item, element));
    return `[${(place.shape?.set === true ? items.toSorted(compareText) : items).join(',')}]`;
  }
  return isObject(value) ? canonicalObject(value, place) : canonicalScalar(value, place.shape);
}

function canonicalObject(value: JsonObject, place: Place): string {
  const parts: string[] = [];
  for (const key of Object.keys(value).toSorted(compareText)) {
    const inner = value[key] ?? null;
    const child = memberPlace(place, key);
    if (!isNothing(inner, child)) {
      parts.push(`${JSON.stringify(key)}:${canonical(inner, child)}`);
    }
  }
  return `{${parts.join(',')}}`;
}

function canonicalScalar(value: Json, shape: Shape | undefined): string {
  const meaning = shape?.type === undefined ? undefined : meaningOf(value, shape.type);
  return meaning ?? JSON.stringify(value);
}

/** What a typed scalar means as a text; undefined where it is not of the type, and only equal to itself. */
function meaningOf(value: Json, type: NonNullable<Shape['type']>): string | undefined {
  if (type === 'quantity') {
    return amountOf(value)?.toString();
  }
  const length = typeof value === 'string' ? parseDuration(value) : undefined;
  return length === undefined ? undefined : `${String(length)}ms`;
}

/** Whether two values that are not both objects or both lists mean the same at this place. */
export function sameScalar(left: Json, right: Json, { shape }: Place): boolean {
  return (
    left === right ||
    (shape?.type !== undefined && canonicalScalar(left, shape) === canonicalScalar(right, shape))
  );
}
