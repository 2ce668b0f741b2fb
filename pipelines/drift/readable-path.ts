import { isObject, stringIn, type Json, type JsonObject } from '../../policies/core/json.ts';
import { pointerSegments, type Pointer } from '../../policies/core/pointer.ts';
import type { FieldDrift, ObjectDrift } from './report.ts';

const plainKey = /^[\w-]+$/u;

/**
 * A pointer as people write it, with the names of list elements in place of their indexes where they have one:
 * `spec.http[name=v2].route[0].weight`. It says the same before and after another element was put in front.
 */
function readablePath(object: JsonObject | undefined, at: Pointer): string {
  let value: Json | undefined = object;
  let path = '';
  for (const segment of pointerSegments(at)) {
    if (Array.isArray(value)) {
      value = (value as readonly Json[])[Number(segment)];
      const name = stringIn(value, 'name');
      path += name === undefined ? `[${segment}]` : `[name=${name}]`;
      continue;
    }
    value = isObject(value) && Object.hasOwn(value, segment) ? value[segment] : undefined;
    path += plainKey.test(segment)
      ? `${path === '' ? '' : '.'}${segment}`
      : `[${JSON.stringify(segment)}]`;
  }
  return path;
}

/** The path of a field that differs, read in the object in which its pointer leads somewhere. */
export function pathOf({ live, declared }: ObjectDrift, field: FieldDrift): string {
  return readablePath(field.live === undefined ? (declared ?? live) : live, field.at);
}
