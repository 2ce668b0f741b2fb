import { joinPointers, valueAt } from '../../policies/core/pointer.ts';
import { readResource } from '../../policies/core/resource.ts';
import { fieldInDeclaration } from '../edit/declared-field.ts';
import { layerPlace } from '../layer-place.ts';
import { positionOf } from '../render/position.ts';
import { readPlaces } from '../render/source-places.ts';
import type { ObjectDrift } from './report.ts';

/** The drifts, each with the place of the first differing field that its source states. */
export function placeDrifts(drifts: readonly ObjectDrift[]): readonly ObjectDrift[] {
  // Those of one file one after the other, since its text may have to be read again.
  const byFile = Map.groupBy(drifts, ({ file }) => file);
  const placed = [...byFile.values()].flat().map((drift) => [drift, placeOf(drift)] as const);
  const places = new Map(placed);
  return drifts.map((drift) => ({ ...drift, ...places.get(drift) }));
}

function placeOf({ origin, declared, fields }: ObjectDrift): Pick<ObjectDrift, 'file' | 'line'> {
  const at = fields
    .map((field) => field.atDeclared ?? field.at)
    .find((place) => declared !== undefined && valueAt(declared, place) !== undefined);
  if (origin === undefined || declared === undefined || at === undefined) {
    return {};
  }
  const resource = readResource(declared);
  const layer = resource === undefined ? undefined : layerPlace(resource, origin, at);
  if (layer !== undefined) {
    return { file: layer.file, line: layer.line };
  }
  const field = resource === undefined ? at : fieldInDeclaration(resource, origin, at);
  const { line } = positionOf(readPlaces(origin.text), joinPointers(origin.prefix, field));
  return { line: origin.line + line - 1 };
}
