import type { JsonObject } from '../../policies/core/json.ts';
import { equalJson } from '../../policies/core/patch.ts';
import type { Mesh } from '../../policies/mesh/mesh.ts';
import type { MeshChange, ResourcePair } from './meaning-statement.ts';
import { withoutNoise } from './noise.ts';
import type { ManifestPair } from './pair-manifests.ts';
import type { StateManifest } from './state.ts';

/** The objects of known kinds that differ in more than noise, with the meshes of both states. */
export function meshChangeOf(
  pairs: readonly ManifestPair<StateManifest>[],
  before: Mesh,
  after: Mesh,
): MeshChange {
  return { before, after, pairs: pairs.filter(differs).flatMap(resourcesOf) };
}

function differs({ before, after }: ManifestPair<StateManifest>): boolean {
  if (before === undefined || after === undefined) {
    return true;
  }
  return (
    before.object !== after.object && !equalJson(contentOf(before.object), contentOf(after.object))
  );
}

/** All served versions of a kind say the same. */
function contentOf(object: JsonObject): JsonObject {
  const { apiVersion: _version, ...content } = withoutNoise(object);
  return content;
}

function resourcesOf({ before, after }: ManifestPair<StateManifest>): readonly ResourcePair[] {
  const old = before?.located?.resource;
  const now = after?.located?.resource;
  return old === undefined && now === undefined
    ? []
    : [
        {
          ...(old === undefined ? {} : { before: old }),
          ...(now === undefined ? {} : { after: now }),
        },
      ];
}
