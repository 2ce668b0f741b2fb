import type { RenderedState } from './edit/rendered-state.ts';

/** What the renderers make of a folder's files, under the paths by which people named them. */
export interface ShownState {
  readonly state: RenderedState;
  /** A path of the tree as findings name it. */
  readonly show: (path: string) => string;
  /** The other way round; undefined where it lies outside. */
  readonly inside: (file: string) => string | undefined;
}
