import { isObject, listIn, stringIn, type Json } from '../../policies/core/json.ts';
import { equalJson } from '../../policies/core/patch.ts';
import { pointer, valueAt, type Pointer } from '../../policies/core/pointer.ts';
import type { Resource } from '../../policies/core/resource.ts';
import { translatePointer } from '../compare/translate-pointer.ts';
import { parseDocuments } from '../render/parse-documents.ts';
import type { Place } from './place.ts';

/** An object as Kustomize built it. */
export type Built = Pick<Resource, 'kind' | 'name' | 'object'>;

/** Where the patches of a file, or those within a kustomization, give a field the value that it has, in their order. */
export function placesInPatches(text: string, built: Built, at: Pointer): readonly Place[] {
  const value = valueAt(built.object, at);
  return value === undefined
    ? []
    : patchesIn(text).flatMap((patch) => {
        const own = fieldInPatch(patch.value, built, at, value);
        return own === undefined ? [] : [{ ...patch, ...own }];
      });
}

/** Where strategic merge patches for an object could give it a field that they do not give it yet. */
export function roomInPatches(text: string, built: Built, at: Pointer): readonly Place[] {
  return patchesIn(text).flatMap((patch) => {
    const { value } = patch;
    const own = isPatchFor(value, built)
      ? translatePointer(built.kind, built.object, value, at)
      : undefined;
    return own === undefined || valueAt(value, own) !== undefined ? [] : [{ ...patch, at: own }];
  });
}

interface Patch extends Place {
  readonly value: Json;
}

/** Where a kustomization, a Flux Kustomization and an Argo CD Application write patches. */
const inlineLists: readonly (readonly string[])[] = [
  ['patches'],
  ['spec', 'patches'],
  ['spec', 'source', 'kustomize', 'patches'],
];

function patchesIn(text: string): readonly Patch[] {
  return parseDocuments(text).documents.flatMap((document) => {
    const root = { document, prefix: pointer(), at: pointer() };
    const inline = inlineLists.flatMap((path) =>
      listIn(document.value, ...path).flatMap((entry, index) => {
        const inner = stringIn(entry, 'patch');
        if (inner === undefined) {
          return [];
        }
        const place = { ...root, at: pointer(...path, index, 'patch') };
        return parseDocuments(inner).documents.map((patch) => ({
          ...root,
          document: patch,
          value: patch.value,
          within: { place, text: inner },
        }));
      }),
    );
    return [...inline, { ...root, value: document.value }];
  });
}

/** The field in a strategic merge patch for the object, or in a list of JSON Patch operations that set it. */
function fieldInPatch(
  patch: Json,
  built: Built,
  at: Pointer,
  value: Json,
): Pick<Place, 'prefix' | 'at'> | undefined {
  if (Array.isArray(patch)) {
    const operations = patch as readonly Json[];
    const within = (operation: Json): Pointer | undefined => {
      const path = stringIn(operation, 'path') ?? '-';
      const rest = at === path ? '' : at.slice(path.length);
      return at === path || (at.startsWith(path) && rest.startsWith('/'))
        ? (`/value${rest}` as Pointer)
        : undefined;
    };
    const index = operations.findLastIndex((operation) => {
      const own = within(operation);
      return own !== undefined && sameValue(valueAt(operation, own), value);
    });
    const own = within(operations[index] ?? null);
    return own === undefined ? undefined : { prefix: pointer(index), at: own };
  }
  const own = isPatchFor(patch, built)
    ? translatePointer(built.kind, built.object, patch, at)
    : undefined;
  return own !== undefined && sameValue(valueAt(patch, own), value)
    ? { prefix: pointer(), at: own }
    : undefined;
}

function isPatchFor(patch: Json, { kind, name }: Built): patch is Readonly<Record<string, Json>> {
  const own = stringIn(patch, 'metadata', 'name');
  return isObject(patch) && patch['kind'] === kind && own !== undefined && name.includes(own);
}

/** Kustomize drops the line break at the end of a text that an inline patch sets. */
function sameValue(left: Json | undefined, right: Json): boolean {
  return typeof left === 'string' && typeof right === 'string'
    ? left.trimEnd() === right.trimEnd()
    : equalJson(left, right);
}
