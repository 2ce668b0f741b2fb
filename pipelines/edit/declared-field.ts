import { isObject } from '../../policies/core/json.ts';
import type { Pointer } from '../../policies/core/pointer.ts';
import type { Resource } from '../../policies/core/resource.ts';
import { translatePointer } from '../compare/translate-pointer.ts';
import type { Origin } from '../render/manifests.ts';
import { parseDocuments } from '../render/parse-documents.ts';

/** A field of a rendered object in the document that declares the object, whose lists may hold other elements. */
export function fieldInDeclaration(
  { kind, object }: Pick<Resource, 'kind' | 'object'>,
  origin: Origin,
  at: Pointer,
): Pointer {
  const [document] =
    origin.rendered?.by === 'kustomize' ? parseDocuments(origin.text).documents : [];
  return isObject(document?.value)
    ? (translatePointer(kind, object, document.value, at) ?? at)
    : at;
}
