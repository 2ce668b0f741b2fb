import type { Json } from '../policies/core/json.ts';
import { valueAt, type Pointer } from '../policies/core/pointer.ts';
import type { Resource } from '../policies/core/resource.ts';
import { placesInPatches } from './edit/patch-places.ts';
import type { Place } from './edit/place.ts';
import { valuesNodes } from './edit/values-nodes.ts';
import type { Layer, Origin } from './render/manifests.ts';
import { positionOf, type Position } from './render/position.ts';
import { readPlaces } from './render/source-places.ts';

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
  if (origin.rendered.by === 'helm') {
    return valuePlace(origin, value, lineWithin, templateUse);
  }
  const patched = origin.rendered.layers.flatMap((layer) =>
    placesInPatches(layer.text, resource, at).map((place) => placeIn(layer, place, lineWithin)),
  );
  return patched.at(-1) ?? valuePlace(origin, value, lineWithin, substitutionUse);
}

/** How a template of Helm uses a value, and how a text uses a variable that Flux replaces. */
const templateUse = String.raw`\.`;
const substitutionUse = String.raw`\$\{`;

/** The one value, by its last definition, that the template names and the field shows. */
function valuePlace(
  origin: Origin,
  value: Json,
  lineWithin: number | undefined,
  use: string,
): LayerPlace | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') {
    return undefined;
  }
  const shown =
    lineWithin === undefined ? String(value) : (String(value).split('\n')[lineWithin - 1] ?? '');
  const words = new Set(shown.split(/[\s"',=:]+/u));
  const isShown = (text: string): boolean =>
    words.has(text) || (text !== '' && text === shown.trim());
  const found = (origin.rendered?.layers ?? []).flatMap((layer) =>
    valuesNodes(layer.text).flatMap(({ value: leaf, path, place }) => {
      const key = path.at(-1) ?? '';
      return (typeof leaf === 'string' || typeof leaf === 'number') &&
        isShown(String(leaf)) &&
        names(origin.text, key, use)
        ? [{ layer, place, key }]
        : [];
    }),
  );
  const last = found.at(-1);
  const rivals = found.filter(({ layer, key }) => layer === last?.layer || key !== last?.key);
  return last === undefined || rivals.length !== 1 ? undefined : placeIn(last.layer, last.place);
}

/** Whether a template uses a value of this name. */
function names(template: string, key: string, use: string): boolean {
  return new RegExp(
    String.raw`${use}${key.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`)}\b`,
    'u',
  ).test(template);
}

function placeIn({ file, text }: Layer, place: Place, lineWithin?: number): LayerPlace {
  return { file, text, ...positionOfPlace(place, lineWithin) };
}

/** Where a place is in its file; `lineWithin` is a line of the field's own text. */
function positionOfPlace({ document, prefix, at, within }: Place, lineWithin?: number): Position {
  const { line, column } = positionOf(
    readPlaces(document.text),
    `${prefix}${at}` as Pointer,
    lineWithin,
  );
  const own = document.line + line - 1;
  return within === undefined ? { line: own, column } : positionOfPlace(within.place, own);
}
