import { stringIn, type JsonObject } from '../../policies/core/json.ts';
import type { RenderedObject, RenderedRoot } from './rendered.ts';
import type { Renderer } from './wasm-renderer.ts';

const file = 'rendered.yaml';

/**
 * What Flux's post-renderers make of a release: each is a kustomization around what was rendered before. Objects keep
 * their origins.
 */
export async function postRender(
  renderer: Renderer,
  rendered: RenderedRoot,
  kustomizations: readonly JsonObject[],
): Promise<RenderedRoot> {
  let result = rendered;
  for (const kustomization of kustomizations) {
    if ('problem' in result || result.objects.length === 0) {
      return result;
    }
    result = await postRenderOnce(renderer, result.objects, kustomization);
  }
  return result;
}

async function postRenderOnce(
  renderer: Renderer,
  objects: readonly RenderedObject[],
  kustomization: JsonObject,
): Promise<RenderedRoot> {
  const rendering = await renderer.render({
    kind: 'kustomize',
    texts: {
      [file]: objects.map(({ object }) => JSON.stringify(object)).join('\n---\n'),
      'kustomization.yaml': JSON.stringify({ ...kustomization, resources: [file] }),
    },
    binaries: {},
    wrapper: JSON.stringify({ resources: ['../tree/.'] }),
  });
  if ('problem' in rendering) {
    return { ...rendering, problem: `post-renderer: ${rendering.problem}` };
  }
  const origins = new Map(objects.map(({ object, origin }) => [identityOf(object), origin]));
  return {
    objects: rendering.documents.flatMap(({ object }) => {
      const origin = object === undefined ? undefined : origins.get(identityOf(object));
      return object === undefined || origin === undefined ? [] : [{ object, origin }];
    }),
  };
}

function identityOf(object: JsonObject): string {
  const { apiVersion = '', kind = '' } = object;
  const namespace = stringIn(object, 'metadata', 'namespace') ?? '';
  return JSON.stringify([apiVersion, kind, namespace, stringIn(object, 'metadata', 'name') ?? '']);
}
