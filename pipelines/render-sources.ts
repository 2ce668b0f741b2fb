import { posix, relative, resolve, sep } from 'node:path';
import type { Settings } from '../policies/core/settings.ts';
import { missingConfigured } from './render/configured-roots.ts';
import { mayDeclare } from './render/declarations.ts';
import type { Rendering } from './render/rendering.ts';
import { resourcesIn } from './rendered-resources.ts';
import { boundaryOf, pathInTree, readFolderTree, type FolderTree } from './source/folder-tree.ts';
import { pathMatcher } from './source/path-glob.ts';
import type { Sources } from './source/read-sources.ts';

/**
 * Renders the kustomizations, charts, Applications and Flux objects below the named paths, and takes what they read out
 * of the plain texts. What they refer to may lie anywhere in the repository. Does nothing where there is none of them.
 * Whoever asks closes the sources in the end. `shared` is a folder in which renders are remembered, or what renders and
 * goes on afterwards.
 */
export async function renderSources(
  sources: Sources,
  paths: readonly string[],
  settings: Settings,
  shared?: string | Rendering,
): Promise<Sources> {
  const named = paths.filter((path) => path !== '-');
  const hasRoots = sources.hasParts === true || sources.texts.some(({ text }) => mayDeclare(text));
  if (!hasRoots || named.length === 0) {
    return sources;
  }
  const { createRendering } = await import('./render/rendering.ts');
  const rendering = typeof shared === 'object' ? shared : createRendering(shared);
  const close = async (): Promise<void> => {
    if (rendering !== shared) {
      await rendering.renderer.close();
    }
  };
  try {
    let rendered = sources;
    for (const boundary of new Set(named.map(boundaryOf))) {
      const mine = named.filter((path) => boundaryOf(path) === boundary);
      rendered = await renderBoundary(rendered, readFolderTree(boundary), mine, {
        settings,
        rendering,
      });
    }
    return { ...rendered, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function renderBoundary(
  sources: Sources,
  folder: FolderTree,
  paths: readonly string[],
  given: { readonly settings: Settings; readonly rendering: Rendering },
): Promise<Sources> {
  const [{ renderTree }, { renderContext }, { clusterFacts }, { renderedState }] =
    await Promise.all([
      import('./render/render-tree.ts'),
      import('./render/render-context.ts'),
      import('./render/rendering.ts'),
      import('./edit/rendered-state.ts'),
    ]);
  const { settings, rendering } = given;
  const show = shownPaths(folder, paths);
  const ignored = pathMatcher(settings.files.ignore);
  const wanted = paths.flatMap((path) => pathInTree(folder, path) ?? []);
  const context = renderContext({
    tree: folder.tree,
    load: () => Promise.resolve(),
    ...rendering,
    ...clusterFacts(settings),
  });
  const selection = {
    render: settings.render,
    isIgnored: (path: string) => ignored(show(path)),
    isWanted: (path: string) =>
      wanted.some((top) => top === '.' || path === top || path.startsWith(`${top}/`)),
  };
  const { roots, parts, missing } = await renderTree(context, selection);
  const inside = (file: string): string | undefined => pathInTree(folder, file);
  const shown = { state: renderedState(context, selection, roots), show, inside };
  const { resources, others, errors } = resourcesIn(roots, show);
  return {
    ...sources,
    texts: sources.texts.filter(({ file }) => !parts.has(inside(file) ?? '')),
    errors: [
      ...sources.errors,
      ...errors,
      ...missing.map((path) => ({ file: show(path), line: 1, text: missingConfigured })),
    ],
    rendered: [...(sources.rendered ?? []), ...resources],
    renderedOthers: [...(sources.renderedOthers ?? []), ...others],
    states: [...(sources.states ?? []), shown],
  };
}

/** Paths of a tree as people named them: below a named path, else from the current folder. */
function shownPaths(folder: FolderTree, paths: readonly string[]): (path: string) => string {
  const tops = paths.flatMap((path) => {
    const inside = pathInTree(folder, path);
    return inside === undefined
      ? []
      : [{ inside, shown: posix.normalize(path.replaceAll(sep, '/')) }];
  });
  return (path) => {
    const top = tops.find(
      ({ inside }) => inside === '.' || path === inside || path.startsWith(`${inside}/`),
    );
    return top === undefined
      ? relative('.', resolve(folder.root, path)).replaceAll(sep, '/')
      : posix.join(top.shown, posix.relative(top.inside, path));
  };
}
