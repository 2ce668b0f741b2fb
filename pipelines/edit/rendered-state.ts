import { createHash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import { compareText } from '../../policies/core/resource.ts';
import { createFileTree, type FileTree } from '../render/file-tree.ts';
import { renderContext, type RenderContext } from '../render/render-context.ts';
import { renderTree, type RootSelection, type StateRoot } from '../render/render-tree.ts';

/** What the renderers make of one state of a repository, and what they would make of it after an edit. */
export interface RenderedState {
  readonly tree: FileTree;
  readonly roots: readonly StateRoot[];
  /** The whole text of a regular file; undefined where it cannot be edited as text. */
  text(path: string): SourceFile | undefined;
  /** The state with another text in one file. What does not read the file is not rendered again. */
  withText(path: string, text: string): Promise<RenderedState>;
}

/** A file of a state by its real path. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** A file with an edit in it. */
export interface EditedFile {
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

/** What differs in the files of two states, of which one came from the other. */
export function editedFiles(before: RenderedState, after: RenderedState): readonly EditedFile[] {
  const ids = new Map(before.tree.entries.map(({ path, id }) => [path, id]));
  return after.tree.entries
    .filter(({ path, id }) => ids.get(path) !== id)
    .toSorted((left, right) => compareText(left.path, right.path))
    .map(({ path }) => ({
      file: path,
      before: before.text(path)?.text ?? '',
      after: after.text(path)?.text ?? '',
    }));
}

/** Makes the state of a tree that was rendered with this context and selection. */
export function renderedState(
  context: RenderContext,
  selection: RootSelection,
  roots: readonly StateRoot[],
): RenderedState {
  const { tree } = context;
  return {
    tree,
    roots,
    text(path) {
      const place = tree.resolve(path);
      const content = place.type === 'file' ? tree.content(place.entry) : undefined;
      if (place.type !== 'file' || content === undefined || !isUtf8(content)) {
        return undefined;
      }
      const text = content.toString('utf8');
      return text.startsWith('\uFEFF') ? undefined : { path: place.entry.path, text };
    },
    async withText(path, text) {
      const edited = withFile(context, path, text);
      const { roots: made } = await renderTree(edited, selection);
      return renderedState(edited, selection, made);
    },
  };
}

function withFile(context: RenderContext, path: string, text: string): RenderContext {
  const { tree } = context;
  const content = Buffer.from(text);
  const id = `edited:${createHash('sha256').update(content).digest('hex')}`;
  const entries = tree.entries.map((entry) =>
    entry.path === path ? { ...entry, id, bytes: content.length } : entry,
  );
  const edited = createFileTree(entries, {
    get: (wanted) =>
      wanted === id ? content : tree.content({ path: '', id: wanted, bytes: 0, type: 'file' }),
  });
  return renderContext({
    ...context,
    tree: edited,
    load: (wanted) => context.load(wanted.filter((entry) => entry.id !== id)),
  });
}
