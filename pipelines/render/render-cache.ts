import { createHash } from 'node:crypto';
import type { RenderedRoot } from './rendered.ts';

/** Remembers what came of roots by everything that they read. Concurrent runs may share it. */
export interface RenderCache {
  /** The result for a key; `render` is called where it is not known, once for all who ask meanwhile. */
  get(key: string, render: () => Promise<RenderedRoot>): Promise<RenderedRoot>;
}

/** Enough for a few thousand roots of usual size. */
const mostRoots = 4000;

/** Makes a cache that forgets what was not asked for the longest. */
export function createRenderCache(most: number = mostRoots): RenderCache {
  const known = new Map<string, Promise<RenderedRoot>>();
  return {
    async get(key, render) {
      const found = known.get(key) ?? render();
      known.delete(key);
      known.set(key, found);
      for (const oldest of known.keys()) {
        if (known.size <= most) {
          break;
        }
        known.delete(oldest);
      }
      const result = await found;
      if ('ended' in result && known.get(key) === found) {
        known.delete(key);
      }
      return result;
    },
  };
}

/** Names an input: the same text for the same values, and for no others. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url');
}
