/** A JSON value as the API server holds it; read-only, since no policy may change what it judges. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object of any shape. */
export interface JsonObject {
  readonly [key: string]: Json;
}

const nothing: JsonObject = Object.freeze({});

/** True for a JSON object; false for null, arrays and scalars. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The own member `key` of `value`, or undefined; names such as `__proto__` never reach the prototype. */
export function member(value: unknown, key: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** Follows own members by name; undefined as soon as one is missing. */
export function valueIn(value: unknown, ...keys: readonly string[]): Json | undefined {
  let at = value as Json | undefined;
  for (const key of keys) {
    if (typeof at !== 'object' || at === null || Array.isArray(at)) {
      return undefined;
    }
    const own: Json | undefined = (at as JsonObject)[key];
    // As `member`, at a third of its cost, since nothing is called as often as this: objects inherit functions, which
    // no JSON value is, and their prototype.
    if (typeof own === 'function' || (key === '__proto__' && !Object.hasOwn(at, key))) {
      return undefined;
    }
    at = own;
  }
  return at;
}

/** Like {@link valueIn}, but an empty object where there is no object. */
export function objectIn(value: unknown, ...keys: readonly string[]): JsonObject {
  const found = valueIn(value, ...keys);
  return isObject(found) ? found : nothing;
}

/** Like {@link valueIn}, but an empty list where there is no list. */
export function listIn(value: unknown, ...keys: readonly string[]): readonly Json[] {
  const found = valueIn(value, ...keys);
  return Array.isArray(found) ? (found as readonly Json[]) : [];
}

/** Like {@link valueIn}, but undefined unless it is a string. */
export function stringIn(value: unknown, ...keys: readonly string[]): string | undefined {
  const found = valueIn(value, ...keys);
  return typeof found === 'string' ? found : undefined;
}

/** Like {@link valueIn}, but undefined unless it is a finite number. */
export function numberIn(value: unknown, ...keys: readonly string[]): number | undefined {
  const found = valueIn(value, ...keys);
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
}

/** The string members of an object, as labels and annotations are read; other members are left out. */
export function stringMapIn(
  value: unknown,
  ...keys: readonly string[]
): Readonly<Record<string, string>> {
  const found = objectIn(value, ...keys);
  for (const key in found) {
    if (typeof found[key] !== 'string') {
      return Object.fromEntries(
        Object.entries(found).filter(
          (entry): entry is [string, string] => typeof entry[1] === 'string',
        ),
      );
    }
  }
  return found as Readonly<Record<string, string>>;
}

/** A value as JSON, to be quoted in a text: what is nested more deeply than the stack is must not fail what quotes it. */
export function jsonText(value: Json): string {
  try {
    return JSON.stringify(value);
  } catch {
    return Array.isArray(value) ? '[…]' : '{…}';
  }
}
