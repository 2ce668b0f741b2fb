import { isObject, type Json } from './json.ts';

declare const pointerBrand: unique symbol;

/** A JSON Pointer (RFC 6901); '' is the whole document. Made by {@link pointer} and {@link parsePointer} only. */
export type Pointer = string & { readonly [pointerBrand]: true };

/** The pointer that consists of these keys and indexes, escaped. */
export function pointer(...segments: readonly (string | number)[]): Pointer {
  return extendPointer('' as Pointer, ...segments);
}

/** `base` followed by these keys and indexes, escaped. */
export function extendPointer(base: Pointer, ...segments: readonly (string | number)[]): Pointer {
  let text: string = base;
  for (const segment of segments) {
    text += `/${escaped(String(segment))}`;
  }
  return text as Pointer;
}

/** Most keys need no escaping, and are told by a look. */
function escaped(segment: string): string {
  return segment.includes('~') || segment.includes('/')
    ? segment.replaceAll('~', '~0').replaceAll('/', '~1')
    : segment;
}

/** `base` followed by `rest`, both pointers already. */
export function joinPointers(base: Pointer, rest: Pointer): Pointer {
  return `${base}${rest}` as Pointer;
}

/** The text as a pointer, or undefined where RFC 6901 refuses it. */
export function parsePointer(text: string): Pointer | undefined {
  return /^(?:\/(?:[^~/]|~[01])*)*$/u.test(text) ? (text as Pointer) : undefined;
}

/** Whether one of the places is the other, or lies within it. */
export function placesMeet(left: Pointer, right: Pointer): boolean {
  return left === right || left.startsWith(`${right}/`) || right.startsWith(`${left}/`);
}

/** The unescaped keys and indexes of a pointer, in order. */
export function pointerSegments(at: Pointer): readonly string[] {
  if (at === '') {
    return [];
  }
  return at
    .slice(1)
    .split('/')
    .map((segment) =>
      segment.includes('~') ? segment.replaceAll('~1', '/').replaceAll('~0', '~') : segment,
    );
}

/** The value at a pointer, or undefined where there is none; reads own members only. */
export function valueAt(document: unknown, at: Pointer): Json | undefined {
  let value: unknown = document;
  for (const segment of pointerSegments(at)) {
    if (Array.isArray(value)) {
      value = /^(?:0|[1-9]\d*)$/u.test(segment) ? value[Number(segment)] : undefined;
    } else if (isObject(value) && Object.hasOwn(value, segment)) {
      value = value[segment];
    } else {
      return undefined;
    }
  }
  return value as Json | undefined;
}
