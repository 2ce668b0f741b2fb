import type { FileEntry, FileTree } from './file-tree.ts';
import { createOrigins, type Origins } from './origins.ts';
import type { RenderCache } from './render-cache.ts';
import type { Renderer } from './wasm-renderer.ts';

/** What rendering needs beside the roots. */
export interface RenderContext {
  readonly tree: FileTree;
  /** Makes sure that the contents of files are there. */
  load(entries: readonly FileEntry[]): Promise<void>;
  readonly renderer: Renderer;
  readonly cache: RenderCache;
  /** What charts are told of the cluster. */
  readonly kubeVersion: string;
  readonly apiVersions: readonly string[];
  /** Variables of Flux Kustomizations that the repository does not hold. */
  readonly variables: Readonly<Record<string, string>>;
  readonly origins: Origins;
}

/** Makes the context of one state of a repository. */
export function renderContext(given: Omit<RenderContext, 'origins'>): RenderContext {
  return { ...given, origins: createOrigins(given.tree) };
}
