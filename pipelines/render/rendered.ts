import type { DeclaredObject } from './manifests.ts';

/** An object that a renderer made, and where its source stands. */
export type RenderedObject = DeclaredObject;

/** What came of a root. */
export type RenderedRoot =
  | { readonly objects: readonly RenderedObject[] }
  | {
      readonly problem: string;
      readonly file?: string;
      /** Not worth remembering: it might succeed the next time. */
      readonly ended?: true;
    };
