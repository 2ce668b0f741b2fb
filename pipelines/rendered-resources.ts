import { readResource } from '../policies/core/resource.ts';
import type { DeclaredObject, InputError, LocatedResource, Origin } from './render/manifests.ts';
import type { StateRoot } from './render/render-tree.ts';

/** Objects that renderers made, and roots that they could not render. */
export interface RenderedResources {
  readonly resources: readonly LocatedResource[];
  /** Those of kinds that no policy knows. */
  readonly others: readonly DeclaredObject[];
  readonly errors: readonly InputError[];
}

/** The objects in what renderers made, with paths as `show` has them. */
export function resourcesIn(
  roots: readonly StateRoot[],
  show: (path: string) => string,
): RenderedResources {
  const resources: LocatedResource[] = [];
  const others: DeclaredObject[] = [];
  const errors: InputError[] = [];
  for (const { file, result } of roots) {
    if ('problem' in result) {
      errors.push({ file: show(result.file ?? file), line: 1, text: result.problem });
      continue;
    }
    for (const { object, origin } of result.objects) {
      const resource = readResource(object);
      if (resource === undefined) {
        others.push({ object, origin: shownOrigin(origin, show) });
      } else if (resource.name !== '') {
        resources.push({ resource, origin: shownOrigin(origin, show) });
      }
    }
  }
  return { resources, others, errors };
}

function shownOrigin(origin: Origin, show: (path: string) => string): Origin {
  const shown = { ...origin, file: show(origin.file) };
  if (origin.rendered === undefined) {
    return shown;
  }
  const layers = origin.rendered.layers.map((layer) => ({ ...layer, file: show(layer.file) }));
  return { ...shown, rendered: { ...origin.rendered, layers } };
}
