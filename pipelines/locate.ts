import type { Finding } from '../policies/core/finding.ts';
import { numberIn } from '../policies/core/json.ts';
import { operationsFor, type PatchOperation } from '../policies/core/patch.ts';
import { joinPointers, type Pointer } from '../policies/core/pointer.ts';
import { compareText } from '../policies/core/resource.ts';
import type { Judged } from './judge.ts';
import { fieldInDeclaration } from './edit/declared-field.ts';
import { layerPlace, type LayerPlace } from './layer-place.ts';
import type { Origin } from './render/manifests.ts';
import { linesOf, positionOf } from './render/position.ts';
import { readPlaces, type SourcePlaces } from './render/source-places.ts';

/** A finding with its place in the source; lines and columns count from 1. */
export interface LocatedFinding {
  readonly finding: Finding;
  readonly origin: Origin;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The last line of the field, where it exists; else `line`. */
  readonly endLine: number;
  /** The fix as RFC 6902 operations on the object. */
  readonly operations?: readonly PatchOperation[];
}

/** Finds the places of findings and sorts them by file, line and policy. Costs one more parse for each document. */
export function locateFindings(judged: readonly Judged[]): readonly LocatedFinding[] {
  let last: { readonly origin: Origin; readonly places: SourcePlaces } | undefined;
  const located = judged.map(({ finding, subject: { origin, resource } }) => {
    if (last?.origin.file !== origin.file || last.origin.document !== origin.document) {
      last = { origin, places: readPlaces(origin.text) };
    }
    const operations =
      finding.fix === undefined ? [] : operationsFor(resource.object, finding.fix.changes);
    const elsewhere = layerPlace(resource, origin, finding.at, numberIn(finding.data, 'line'));
    const placed =
      elsewhere === undefined
        ? {
            origin,
            ...place(
              finding,
              origin,
              last.places,
              fieldInDeclaration(resource, origin, finding.at),
            ),
          }
        : inLayer(origin, elsewhere);
    return {
      finding,
      file: placed.origin.file,
      ...placed,
      ...(operations.length === 0 ? {} : { operations }),
    };
  });
  return located.toSorted(
    (left, right) =>
      compareText(left.file, right.file) ||
      left.line - right.line ||
      compareText(left.finding.policy, right.finding.policy) ||
      left.column - right.column,
  );
}

function place(
  finding: Finding,
  origin: Origin,
  places: SourcePlaces,
  field: Pointer,
): Pick<LocatedFinding, 'line' | 'column' | 'endLine'> {
  const at = joinPointers(origin.prefix, field);
  const lineWithin = numberIn(finding.data, 'line');
  const { line, column } = positionOf(places, at, lineWithin);
  const span = linesOf(places, at);
  const last = line === span.first ? span.last : line;
  return { line: origin.line + line - 1, column, endLine: origin.line + last - 1 };
}

/** A place outside of the document that declares the object. */
function inLayer(
  origin: Origin,
  { file, text, line, column }: LayerPlace,
): Pick<LocatedFinding, 'origin' | 'line' | 'column' | 'endLine'> {
  const placed = { ...origin, file, text, line: 1, offset: 0, document: 0 };
  return { origin: placed, line, column, endLine: line };
}
