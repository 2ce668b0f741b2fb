import type { Manifest } from '../../../pipelines/compare/manifest.ts';
import { otherManifests, toManifest } from '../../../pipelines/compare/state.ts';
import { readManifests } from '../../../pipelines/render/manifests.ts';

/** The manifests of a YAML text, as a review reads them. */
export function manifestsOf(text: string, file = 'all.yaml'): readonly Manifest[] {
  return [...readManifests(file, text).resources.map(toManifest), ...otherManifests(file, text)];
}
