import { fieldPath } from '../../webhooks/admission/texts.ts';
import { filledAnnotation } from '../../webhooks/admission/fills.ts';
import { isObject, listIn, stringIn, type Json } from '../../policies/core/json.ts';
import { pointer, type Pointer } from '../../policies/core/pointer.ts';
import type { Resource } from '../../policies/core/resource.ts';

/** What became of an object that was applied. */
export interface Outcome {
  /** The object as it is stored; undefined where it was denied. */
  readonly stored: unknown;
  readonly denial?: string;
  readonly warnings: readonly string[];
}

/** Applies an object somewhere: at a real API server, or to the gate alone. */
export type Apply = (resource: Resource) => Promise<Outcome>;

/** What the demonstration promises of a manifest. */
export type Promised = 'filled in' | 'denied' | 'warned of' | 'admitted';

/** Names an outcome. */
export function nameOf(outcome: Outcome): Promised {
  if (outcome.denial !== undefined) return 'denied';
  if (outcome.warnings.length > 0) return 'warned of';
  return filledValues(outcome.stored).length > 0 ? 'filled in' : 'admitted';
}

/** An outcome in lines for people. */
export function describe(outcome: Outcome): readonly string[] {
  if (outcome.denial !== undefined) return ['DENIED', ...outcome.denial.split('\n')];
  return [
    'admitted',
    ...filledValues(outcome.stored).map((value) => `filled in: ${value}`),
    ...outcome.warnings.map((warning) => `Warning: ${warning}`),
  ];
}

function filledValues(stored: unknown): readonly string[] {
  const text = stringIn(stored, 'metadata', 'annotations', filledAnnotation) ?? '[]';
  const entries = listIn({ entries: JSON.parse(text) as Json }, 'entries');
  return entries.filter(isObject).map(({ at, key, value }) => {
    const place = fieldPath(typeof at === 'string' ? (at as Pointer) : pointer());
    return `${place}${typeof key === 'string' ? ` ${key}` : ''} = ${JSON.stringify(value)}`;
  });
}
