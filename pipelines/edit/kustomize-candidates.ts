import { stringIn } from '../../policies/core/json.ts';
import { pointer } from '../../policies/core/pointer.ts';
import { fieldInDeclaration } from './declared-field.ts';
import { candidateAt, type Candidate, type WantedChange } from './candidate.ts';
import { placesInPatches, roomInPatches, type Built } from './patch-places.ts';

/**
 * The edits that may give an object of a kustomization another value, the likeliest first: in the patch that sets the
 * field, the outermost one first, in the document that declares the object, in a patch of it that says nothing of the
 * field.
 */
export function* kustomizeCandidates({
  state,
  object,
  origin,
  change,
}: WantedChange): Generator<Candidate> {
  const built: Built = {
    kind: stringIn(object, 'kind') ?? '',
    name: stringIn(object, 'metadata', 'name') ?? '',
    object,
  };
  const layers = origin.rendered?.layers.toReversed() ?? [];
  for (const { file, text } of layers) {
    for (const place of placesInPatches(text, built, change.at).toReversed()) {
      yield* candidateAt(state, file, place, change);
    }
  }
  const at = fieldInDeclaration(built, origin, change.at);
  const declared = { document: origin, prefix: pointer(), at };
  yield* candidateAt(state, origin.file, declared, change);
  for (const { file, text } of layers) {
    for (const place of roomInPatches(text, built, change.at).toReversed()) {
      yield* candidateAt(state, file, place, change);
    }
  }
}
