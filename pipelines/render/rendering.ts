import type { Settings } from '../../policies/core/settings.ts';
import { meshApiVersions, usualKubeVersion } from './cluster-facts.ts';
import { createRenderCache, type RenderCache } from './render-cache.ts';
import type { RenderContext } from './render-context.ts';
import { openRenderStore } from './render-store.ts';
import { moduleIdentity, storedRenderer } from './stored-renderer.ts';
import { findRenderer } from './wasm-module.ts';
import { createRenderer, type Renderer } from './wasm-renderer.ts';

/** What renders, and remembers what it rendered; to be shared by all runs of a process. */
export interface Rendering {
  readonly renderer: Renderer;
  readonly cache: RenderCache;
}

/**
 * Makes a renderer with an empty cache, and with a folder one that remembers what other processes rendered. Whoever
 * makes it closes its renderer.
 */
export function createRendering(folder?: string): Rendering {
  const renderer = createRenderer();
  const files = findRenderer();
  const store = folder === undefined || files === undefined ? undefined : openRenderStore(folder);
  return {
    renderer:
      store === undefined || files === undefined
        ? renderer
        : storedRenderer(renderer, store, moduleIdentity(files.module)),
    cache: createRenderCache(),
  };
}

/** What the repository does not say of the cluster. */
export function clusterFacts({
  render,
}: Settings): Pick<RenderContext, 'kubeVersion' | 'apiVersions' | 'variables'> {
  return {
    kubeVersion: render.kubeVersion ?? usualKubeVersion,
    apiVersions: [...meshApiVersions, ...render.apiVersions],
    variables: render.substitute,
  };
}
