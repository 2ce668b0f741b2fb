import { isObject, listIn, stringIn, type Json, type JsonObject } from '../policies/core/json.ts';
import { equalJson } from '../policies/core/patch.ts';
import { pointer, valueAt, type Pointer } from '../policies/core/pointer.ts';
import type { Resource } from '../policies/core/resource.ts';
import { translatePointer } from './compare/translate-pointer.ts';
import type { Layer, Origin } from './render/manifests.ts';
import { parseDocuments, type ParsedDocument } from './render/parse-documents.ts';
import { positionOf } from './render/position.ts';
import { readSourceTree } from './render/source-tree.ts';

/** A place in a file of the repository; lines and columns count from 1. */
export interface LayerPlace {
  readonly file: string;
  /** All of the file. */
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/**
 * Where a field of a rendered object is set other than where the object is declared: in the last patch that holds it, or
 * in the one value that the template shows there. Undefined where there is none, or where it cannot be told.
 */
export function layerPlace(
  resource: Resource,
  origin: Origin,
  at: Pointer,
  lineWithin?: number,
): LayerPlace | undefined {
  const value = valueAt(resource.object, at);
  if (origin.rendered === undefined || value === undefined) {
    return undefined;
  }
  return origin.rendered.by === 'helm'
    ? valuePlace(origin, value, lineWithin)
    : origin.rendered.layers
        .flatMap((layer) => patchPlaces(layer, { resource, at, value, lineWithin }))
        .at(-1);
}

/** The same field in the document that declares the object, whose lists may hold other elements. */
export function fieldInSource(resource: Resource, origin: Origin, at: Pointer): Pointer {
  const [document] =
    origin.rendered?.by === 'kustomize' ? parseDocuments(origin.text).documents : [];
  return isObject(document?.value)
    ? (translatePointer(resource.kind, resource.object, document.value, at) ?? at)
    : at;
}

interface Field {
  readonly resource: Resource;
  readonly at: Pointer;
  readonly value: Json;
  readonly lineWithin: number | undefined;
}

function patchPlaces(layer: Layer, field: Field): readonly LayerPlace[] {
  return parseDocuments(layer.text).documents.flatMap((document) => {
    const inline = listIn(document.value, 'patches').flatMap((patch, index) => {
      const text = stringIn(patch, 'patch');
      return text === undefined ? [] : inlinePlaces(layer, document, { index, text }, field);
    });
    const own = fieldInPatch(document.value, field);
    return own === undefined
      ? inline
      : [...inline, placeIn(layer, document, own, field.lineWithin)];
  });
}

/** An inline patch is a text of its own within a field of the kustomization. */
function inlinePlaces(
  layer: Layer,
  document: ParsedDocument,
  { index, text }: { readonly index: number; readonly text: string },
  field: Field,
): readonly LayerPlace[] {
  return parseDocuments(text).documents.flatMap((patch) => {
    const own = fieldInPatch(patch.value, field);
    if (own === undefined) {
      return [];
    }
    const { line } = positionOf(readSourceTree(patch.text), own, field.lineWithin);
    return [placeIn(layer, document, pointer('patches', index, 'patch'), patch.line + line - 1)];
  });
}

/** The field in a strategic merge patch for the object, or in a list of JSON Patch operations that set it. */
function fieldInPatch(patch: Json, { resource, at, value }: Field): Pointer | undefined {
  if (Array.isArray(patch)) {
    const operations = patch as readonly Json[];
    const index = operations.findLastIndex((operation) => {
      const path = stringIn(operation, 'path') ?? '-';
      const rest = at === path ? '' : at.slice(path.length);
      const sets = at === path || (at.startsWith(path) && rest.startsWith('/'));
      const given = isObject(operation) ? operation['value'] : undefined;
      return sets && given !== undefined && sameValue(valueAt(given, rest as Pointer), value);
    });
    return index < 0 ? undefined : pointer(index, 'value');
  }
  const name = stringIn(patch, 'metadata', 'name');
  if (
    !isObject(patch) ||
    patch['kind'] !== resource.kind ||
    name === undefined ||
    !resource.name.includes(name)
  ) {
    return undefined;
  }
  const own = translatePointer(resource.kind, resource.object, patch, at);
  return own !== undefined && sameValue(valueAt(patch, own), value) ? own : undefined;
}

/** Kustomize drops the line break at the end of a text that an inline patch sets. */
function sameValue(left: Json | undefined, right: Json): boolean {
  return typeof left === 'string' && typeof right === 'string'
    ? left.trimEnd() === right.trimEnd()
    : equalJson(left, right);
}

/** The one value, by its last definition, that the template names and the field shows. */
function valuePlace(
  origin: Origin,
  value: Json,
  lineWithin: number | undefined,
): LayerPlace | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') {
    return undefined;
  }
  const shown =
    lineWithin === undefined ? String(value) : (String(value).split('\n')[lineWithin - 1] ?? '');
  const words = new Set(shown.split(/[\s"',=:]+/u));
  const isShown = ({ key, text }: Leaf): boolean =>
    (words.has(text) || (text !== '' && text === shown.trim())) &&
    new RegExp(`\\.${escaped(key)}\\b`, 'u').test(origin.text);
  const found = (origin.rendered?.layers ?? []).flatMap((layer) =>
    parseDocuments(layer.text).documents.flatMap((document) =>
      leavesOf(document.value)
        .filter(isShown)
        .map((leaf) => ({ layer, document, leaf })),
    ),
  );
  const last = found.at(-1);
  const rivals = found.filter(
    ({ layer, leaf }) => layer === last?.layer || leaf.key !== last?.leaf.key,
  );
  return last === undefined || rivals.length !== 1
    ? undefined
    : placeIn(last.layer, last.document, last.leaf.at);
}

interface Leaf {
  readonly at: Pointer;
  readonly key: string;
  readonly text: string;
}

const mostLeaves = 5000;

function leavesOf(root: Json): readonly Leaf[] {
  const leaves: Leaf[] = [];
  const pending: { readonly value: Json; readonly path: readonly string[] }[] = [
    { value: root, path: [] },
  ];
  for (
    let next = pending.pop();
    next !== undefined && leaves.length < mostLeaves;
    next = pending.pop()
  ) {
    const { value, path } = next;
    if (isObject(value) || Array.isArray(value)) {
      pending.push(
        ...Object.entries(value as JsonObject).map(([key, item]) => ({
          value: item,
          path: [...path, key],
        })),
      );
    } else if (typeof value === 'string' || typeof value === 'number') {
      leaves.push({ at: pointer(...path), key: path.at(-1) ?? '', text: String(value) });
    }
  }
  return leaves;
}

function placeIn(
  { file, text }: Layer,
  document: ParsedDocument,
  at: Pointer,
  lineWithin?: number,
): LayerPlace {
  const { line, column } = positionOf(readSourceTree(document.text), at, lineWithin);
  return { file, text, line: document.line + line - 1, column };
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`);
}
