import { createRenderCache } from '../../pipelines/render/render-cache.ts';
import type { Rendering } from '../../pipelines/render/rendering.ts';
import { createRenderer, usualLimits } from '../../pipelines/render/wasm-renderer.ts';

/** What renders, with time enough for a machine that does other things too. Whoever makes it closes its renderer. */
export function patientRendering(): Rendering {
  const renderer = createRenderer({ ...usualLimits, jobMilliseconds: 120_000 });
  return { renderer, cache: createRenderCache() };
}
