import { readResource } from '../policies/core/resource.ts';
import { otherManifest, toManifest, type StateFile, type StateManifest } from './compare/state.ts';
import { renderedState, type RenderedState } from './edit/rendered-state.ts';
import type { Unreadable } from './parse-states.ts';
import { missingConfigured } from './render/configured-roots.ts';
import { createFileTree, type FileEntry } from './render/file-tree.ts';
import { renderTree, type RenderedTree } from './render/render-tree.ts';
import { renderContext } from './render/render-context.ts';
import type { RenderedRoot } from './render/rendered.ts';
import { clusterFacts, type Rendering } from './render/rendering.ts';
import type { Settings } from '../policies/core/settings.ts';
import { loadInto, type CommitStore } from './source/commit-store.ts';

/** What is to be rendered of two commits. */
export interface RenderRequest {
  readonly store: CommitStore;
  readonly trees: Readonly<Record<'base' | 'head', readonly FileEntry[]>>;
  /** Contents that were read already, by id; more are added. */
  readonly contents: Map<string, Buffer>;
  readonly isIgnored: (path: string) => boolean;
  readonly settings: Settings;
  readonly rendering: Rendering;
}

/** What the renderers make of two commits. */
export interface RenderedStates {
  readonly base: readonly StateFile[];
  readonly head: readonly StateFile[];
  readonly unreadable: readonly Unreadable[];
  /** Files that are no manifests of their own. */
  readonly parts: Readonly<Record<'base' | 'head', ReadonlySet<string>>>;
  /** Head, to try edits of its sources on. */
  readonly state: RenderedState;
}

/** Renders both commits; what reads the same in both is rendered once and gives the very same manifests. */
export async function renderStates(request: RenderRequest): Promise<RenderedStates> {
  const { store, trees, contents, isIgnored, settings, rendering } = request;
  const load = loadInto(store, contents);
  const contextOf = (entries: readonly FileEntry[]): ReturnType<typeof renderContext> =>
    renderContext({
      tree: createFileTree(entries, contents),
      load,
      ...rendering,
      ...clusterFacts(settings),
    });
  const { render } = settings;
  const before = await renderTree(contextOf(trees.base), { isIgnored, render });
  const context = contextOf(trees.head);
  const selection = { isIgnored, render, before: before.layout };
  const after = await renderTree(context, selection);
  const manifests = new Map<RenderedRoot, readonly StateManifest[]>();
  const base = stateFiles(before, manifests);
  const head = stateFiles(after, manifests);
  return {
    base,
    head,
    unreadable: [
      ...unreadableIn(base, head),
      ...before.missing.filter((path) => after.missing.includes(path)).map(missingFolder),
    ],
    parts: { base: before.parts, head: after.parts },
    state: renderedState(context, selection, after.roots),
  };
}

function missingFolder(path: string): Unreadable {
  return { path, text: missingConfigured, introduced: false };
}

function stateFiles(
  { roots }: RenderedTree,
  known: Map<RenderedRoot, readonly StateManifest[]>,
): readonly StateFile[] {
  return roots
    .toSorted((left, right) => (left.key < right.key ? -1 : 1))
    .map(({ key, file, result }): StateFile => {
      if ('problem' in result) {
        const error = { file: result.file ?? file, line: 1, text: result.problem };
        return { path: key, manifests: [], errors: [error] };
      }
      const manifests = known.get(result) ?? manifestsOf(result.objects, key);
      known.set(result, manifests);
      return { path: key, manifests, errors: [] };
    });
}

function manifestsOf(
  objects: Extract<RenderedRoot, { readonly objects: unknown }>['objects'],
  root: string,
): readonly StateManifest[] {
  return objects.flatMap(({ object, origin }) => {
    const resource = readResource(object);
    const manifests =
      resource === undefined || resource.name === ''
        ? otherManifest(origin.file, object)
        : [toManifest({ resource, origin })];
    return manifests.map((manifest) => ({ ...manifest, root }));
  });
}

function unreadableIn(
  base: readonly StateFile[],
  head: readonly StateFile[],
): readonly Unreadable[] {
  const before = new Map(base.map((file) => [file.path, file.errors[0]?.text]));
  return head.flatMap(({ path, errors }) =>
    errors.map(({ file, text }) => ({ path: file, text, introduced: before.get(path) !== text })),
  );
}
