import type { JsonObject } from '../../policies/core/json.ts';
import type { Change } from '../../policies/core/patch.ts';
import type { Origin } from '../render/manifests.ts';
import { editPlace, type Place } from './place.ts';
import type { RenderedState } from './rendered-state.ts';

/** A file of a state with an edit that may be the right one. */
export interface Candidate {
  /** The file's real path in the tree. */
  readonly path: string;
  readonly text: string;
}

/** A field of a rendered object that is to have another value. */
export interface WantedChange {
  readonly state: RenderedState;
  readonly object: JsonObject;
  readonly origin: Origin;
  readonly change: Change;
}

/** The edit of a file at a place; none where the file cannot be edited there. */
export function candidateAt(
  state: RenderedState,
  file: string,
  place: Place,
  change: Change,
): readonly Candidate[] {
  const source = state.text(file);
  if (source === undefined) {
    return [];
  }
  const edited = editPlace(source.text, place, change);
  return 'problem' in edited ? [] : [{ path: source.path, text: edited.text }];
}
