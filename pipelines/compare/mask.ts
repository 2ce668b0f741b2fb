import { isObject, type Json, type JsonObject } from '../../policies/core/json.ts';
import { extendPointer, pointerSegments, type Pointer } from '../../policies/core/pointer.ts';
import type { FieldChange } from './fields.ts';
import { groupOf, type Manifest } from './manifest.ts';

/** Stands for every value that must not be shown. */
export const hiddenValue = '(hidden)';

const secretFields: ReadonlySet<string> = new Set(['data', 'stringData']);
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
const privateKey = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----/u;

/**
 * Hides the values in `value`, found at `at` of an object, that nobody may read in a report: a Secret's data, and
 * private keys wherever they stand. Keys stay visible, so that a reader sees which one changed; no length or hash does.
 */
export function maskValue(
  manifest: Pick<Manifest, 'apiVersion' | 'kind'>,
  at: Pointer,
  value: Json,
): Json {
  const secret = manifest.kind === 'Secret' && groupOf(manifest.apiVersion) === '';
  return mask(value, at, secret);
}

/** A field change without values that nobody may read. */
export function maskField(
  manifest: Pick<Manifest, 'apiVersion' | 'kind'>,
  { at, before, after }: FieldChange,
): FieldChange {
  return {
    at,
    ...(before === undefined ? {} : { before: maskValue(manifest, at, before) }),
    ...(after === undefined ? {} : { after: maskValue(manifest, at, after) }),
  };
}

function mask(value: Json, at: Pointer, secret: boolean): Json {
  if (Array.isArray(value)) {
    return value.map((item: Json, index) => mask(item, extendPointer(at, index), secret));
  }
  if (isObject(value)) {
    return maskObject(value, at, secret);
  }
  if (secret && isSecret(at)) {
    return hiddenValue;
  }
  return typeof value === 'string' && privateKey.test(value) ? hiddenValue : value;
}

/** What kubectl applied last is kept in an annotation, data and all. */
function isSecret(at: Pointer): boolean {
  const segments = pointerSegments(at);
  return (
    secretFields.has(segments[0] ?? '') ||
    (segments[1] === 'annotations' && segments[2] === lastApplied)
  );
}

function maskObject(value: JsonObject, at: Pointer, secret: boolean): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, mask(inner, extendPointer(at, key), secret)]),
  );
}
