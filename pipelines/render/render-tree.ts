import { isObject } from '../../policies/core/json.ts';
import { defaultSettings } from '../../policies/core/read-settings.ts';
import type { RenderSettings } from '../../policies/core/settings.ts';
import { pathMatcher } from '../source/path-glob.ts';
import { excludedFolders } from './applicationset-git.ts';
import type { Declared } from './argocd-application.ts';
import {
  configMapsIn,
  declarationId,
  declarationKind,
  expand,
  mayDeclare,
} from './declarations.ts';
import { textOf, type FileTree } from './file-tree.ts';
import { configuredRoot } from './configured-roots.ts';
import { loneRoots } from './lone-roots.ts';
import { isHidden, readLayout, type Layout } from './layout.ts';
import { documentsOf } from './parsed-files.ts';
import type { FailedRoot, Root } from './recipe.ts';
import type { RenderContext } from './render-context.ts';
import { filesReadBy, readByOthers } from './read-by-others.ts';
import { inputsOf, renderRoot } from './render-root.ts';
import type { RenderedRoot } from './rendered.ts';

/** A root and what came of it. */
export interface StateRoot {
  readonly key: string;
  readonly file: string;
  readonly result: RenderedRoot;
}

/** What the renderers make of one state of a repository. */
export interface RenderedTree {
  readonly roots: readonly StateRoot[];
  /** Files that are no manifests of their own: a renderer reads them. */
  readonly parts: ReadonlySet<string>;
  readonly layout: Layout;
  /** Folders that the configuration wants rendered and that this state does not have. */
  readonly missing: readonly string[];
}

const deepest = 8;
const manifestName = /\.(?:ya?ml|json)$/iu;

/** Which roots of a tree are of interest. */
export interface RootSelection {
  readonly isIgnored: (path: string) => boolean;
  /** The layout of the state that it is compared with. */
  readonly before?: Layout;
  /** Roots that are declared elsewhere are left out; all are taken where it is absent. */
  readonly isWanted?: (path: string) => boolean;
  /** What the configuration says of roots; nothing where it is absent. */
  readonly render?: Pick<RenderSettings, 'ignore' | 'roots'>;
}

/** Finds all roots of a state and renders them. */
export async function renderTree(
  context: RenderContext,
  { isIgnored, before, isWanted = () => true, render = defaultSettings.render }: RootSelection,
): Promise<RenderedTree> {
  const { tree } = context;
  const layout = readLayout(tree, (path) => !isIgnored(path) && isWanted(path), before);
  const plain = tree.entries
    .filter(({ path, type }) => type === 'file' && manifestName.test(path))
    .map(({ path }) => path)
    .filter((path) => !isHidden(path) && !isIgnored(path) && !layout.parts.has(path));
  const findConfigMap = configMapsIn(() =>
    plain.flatMap((path) => {
      const text = textOf(tree, path) ?? '';
      return text.includes('ConfigMap') ? documentsOf(tree, path) : [];
    }),
  );
  const state: State = {
    context,
    layout,
    roots: [],
    used: new Set(),
    parts: new Set(layout.parts),
    declared: new Set(),
    findConfigMap,
    isIgnoredFolder: pathMatcher(render.ignore),
  };
  const configured = render.roots
    .map((root, index) => ({ path: root.path, root: configuredRoot(tree, root, index) }))
    .filter(({ path }) => isWanted(path));
  const declarations = plain.filter(isWanted).flatMap((path) => declarationsIn(tree, path));
  const made = await readByOthers(declarations, (declared) =>
    filesReadBy(context, declared, findConfigMap),
  );
  await follow(
    state,
    declarations.filter(({ file }) => !made.has(file)),
  );
  await follow(
    state,
    declarations.filter(({ file }) => !state.parts.has(file)),
  );
  await renderAll(
    state,
    configured.flatMap(({ root }) => root ?? []),
  );
  const lone = (): readonly Root[] => loneRoots(tree, layout, state.used);
  await renderAll(
    state,
    lone().filter((root) => declares(state, root)),
  );
  await renderAll(state, lone());
  const missing = configured.filter(({ root }) => root === undefined).map(({ path }) => path);
  return { roots: state.roots, parts: state.parts, layout, missing };
}

interface State {
  readonly context: RenderContext;
  readonly layout: Layout;
  readonly roots: StateRoot[];
  /** Folders that some root renders. */
  readonly used: Set<string>;
  readonly parts: Set<string>;
  readonly declared: Set<string>;
  readonly findConfigMap: ReturnType<typeof configMapsIn>;
  readonly isIgnoredFolder: (folder: string) => boolean;
}

async function follow(state: State, declarations: readonly Declared[]): Promise<void> {
  const { context, declared, findConfigMap } = state;
  const fresh = declarations.filter(({ object }) => {
    const id = declarationId(object);
    const known = declared.has(id);
    declared.add(id);
    return !known;
  });
  for (const { object } of fresh.filter(isApplicationSet)) {
    leaveOut(state, excludedFolders(context.tree, object));
  }
  const expansions = await Promise.all(
    fresh.map((declaration) => expand(context.tree, context.renderer, declaration, findConfigMap)),
  );
  await renderAll(state, expansions.flat());
}

function isApplicationSet({ object }: Declared): boolean {
  return declarationKind(object) === 'ApplicationSet.argoproj.io';
}

/** What is left out by name is no root by itself, and its manifests are not applied as they are. */
function leaveOut({ context, used, parts }: State, folders: readonly string[]): void {
  for (const folder of folders) {
    used.add(folder);
    for (const { path } of context.tree.below(folder)) {
      parts.add(path);
    }
  }
}

async function renderAll(state: State, roots: readonly (Root | FailedRoot)[]): Promise<void> {
  const nested = await Promise.all(roots.map((root) => renderOne(state, root)));
  const declarations = nested.flat();
  if (declarations.length > 0) {
    await follow(state, declarations);
  }
}

/** Renders a root and gives what it declares in turn. */
async function renderOne(state: State, root: Root | FailedRoot): Promise<readonly Declared[]> {
  const { context, roots, used, parts } = state;
  const { key, file } = root;
  const folder = folderOf(root);
  if (folder !== undefined && state.isIgnoredFolder(folder)) {
    used.add(folder);
    return [];
  }
  if ('problem' in root) {
    used.add(root.folder ?? '');
    roots.push({ key, file, result: { problem: root.problem } });
    return [];
  }
  const inputs = inputsOf(context.tree, root);
  if (root.recipe.type !== 'folder') {
    used.add(root.recipe.folder);
  }
  if (!('problem' in inputs)) {
    for (const base of inputs.bases) {
      used.add(base);
    }
    if (root.recipe.type !== 'chart') {
      for (const { path } of inputs.files.values()) {
        parts.add(path);
      }
    }
  }
  const result =
    root.depth > deepest
      ? { problem: `it is declared by more than ${String(deepest)} others, one by the other` }
      : await renderRoot(context, root, inputs);
  roots.push({ key, file, result });
  if ('problem' in result) {
    return [];
  }
  return result.objects
    .filter(({ object }) => declarationKind(object) !== undefined)
    .map(({ object, origin }) => ({
      object,
      file: origin.file,
      parent: key,
      depth: root.depth + 1,
    }));
}

function folderOf(root: Root | FailedRoot): string | undefined {
  if ('problem' in root) {
    return root.folder;
  }
  return root.recipe.type === 'folder' ? undefined : root.recipe.folder;
}

function declarationsIn(tree: FileTree, file: string): readonly Declared[] {
  if (!mayDeclare(textOf(tree, file) ?? '')) {
    return [];
  }
  return documentsOf(tree, file)
    .map(({ value }) => value)
    .filter(isObject)
    .filter((object) => declarationKind(object) !== undefined)
    .map((object) => ({ object, file, parent: file, depth: 0 }));
}

function declares({ context: { tree } }: State, root: Root): boolean {
  const inputs = inputsOf(tree, root);
  return (
    !('problem' in inputs) &&
    [...inputs.files.values()].some((entry) =>
      mayDeclare(tree.content(entry)?.toString('latin1') ?? ''),
    )
  );
}
