import { valueIn, type Json } from '../../policies/core/json.ts';
import type { Path } from './differences.ts';

/** One step of a pattern: a name or index, anything, or an element with these values. */
type Step =
  | { readonly name: string }
  | { readonly any: true }
  | { readonly where: readonly (readonly [path: readonly string[], value: string])[] };

/** Which fields an ignore rule is about; a field is meant as well where one above it is. */
export type FieldPattern = readonly Step[];

const form = /^(?:\/(?:[^~/]|~[01])*)+$/u;
const condition = /^[A-Za-z0-9_.-]+=[^,\]]*$/u;

/**
 * Reads a JSON Pointer in which a step may be `*`, or an element by its fields: `/spec/http/[name=canary]/route/*`.
 * Undefined where it is neither.
 */
export function parseFieldPattern(text: string): FieldPattern | undefined {
  if (!form.test(text)) {
    return undefined;
  }
  const steps: Step[] = [];
  for (const segment of text.slice(1).split('/')) {
    const step = readStep(segment.replaceAll('~1', '/').replaceAll('~0', '~'));
    if (step === undefined) {
      return undefined;
    }
    steps.push(step);
  }
  return steps;
}

function readStep(segment: string): Step | undefined {
  if (segment === '*') {
    return { any: true };
  }
  if (!segment.startsWith('[') || !segment.endsWith(']')) {
    return { name: segment };
  }
  const conditions = segment.slice(1, -1).split(',');
  if (!conditions.every((part) => condition.test(part))) {
    return undefined;
  }
  return {
    where: conditions.map((part) => {
      const at = part.indexOf('=');
      return [part.slice(0, at).split('.'), part.slice(at + 1)];
    }),
  };
}

/** Whether a path of an object leads to what a pattern is about, or below it. */
export function matchesField(pattern: FieldPattern, path: Path, object: Json): boolean {
  if (pattern.length > path.length) {
    return false;
  }
  let value: Json | undefined = object;
  for (const [index, step] of path.entries()) {
    value = childOf(value, step);
    const wanted = pattern[index];
    if (wanted === undefined) {
      return true;
    }
    if ('name' in wanted && wanted.name !== String(step)) {
      return false;
    }
    if ('where' in wanted && !hasValues(value, wanted.where)) {
      return false;
    }
  }
  return true;
}

function hasValues(
  value: Json | undefined,
  where: readonly (readonly [readonly string[], string])[],
): boolean {
  return where.every(([path, text]) => {
    const found = valueIn(value, ...path);
    return found !== undefined && typeof found !== 'object' && String(found) === text;
  });
}

function childOf(value: Json | undefined, step: string | number): Json | undefined {
  if (Array.isArray(value)) {
    return (value as readonly Json[])[Number(step)];
  }
  return valueIn(value, String(step));
}
