import { defaultSettings, readSettings } from '../policies/core/read-settings.ts';
import type { Settings } from '../policies/core/settings.ts';
import type { Rules } from './judge.ts';
import type { Stopwatch } from './review-steps.ts';
import type { RenderedState } from './edit/rendered-state.ts';
import { renderStates } from './render-states.ts';
import type { Rendering } from './render/rendering.ts';
import { parseStates, type ParsedStates } from './parse-states.ts';
import { parseDocuments } from './render/parse-documents.ts';
import { readTexts, selectManifests, selectParts, type LeftOut } from './source/git-manifests.ts';
import type { CommitStore } from './source/commit-store.ts';
import type { GitProblem, ReviewedCommits } from './source/git-revisions.ts';
import type { TreeEntry } from './source/git-tree.ts';
import { pathMatcher } from './source/path-glob.ts';

/** Both states of a repository, and the configuration by which both are judged. */
export interface CommitStates extends ParsedStates {
  readonly settings: Settings;
  /** What the renderers made of head, to try edits of its sources on. */
  readonly rendered: RenderedState;
  /** Files that the change touches and that were left out on purpose. */
  readonly leftOut: readonly LeftOut[];
  /** Head has another configuration than the base. */
  readonly configurationChanges: boolean;
}

/** Where a repository has its configuration. */
export const configurationFile = 'meshgate.yaml';

/** Reads the manifests of two commits, and the configuration of the base; head's is never used. */
export async function readCommits(
  store: CommitStore,
  commits: ReviewedCommits,
  catalogue: Rules['catalogue'],
  { rendering, stopwatch }: Tools,
): Promise<CommitStates | GitProblem> {
  const base = await store.listTree(commits.base);
  const head = await store.listTree(commits.head);
  if ('problem' in base) {
    return base;
  }
  if ('problem' in head) {
    return head;
  }
  const configuration = findConfiguration(base.entries);
  const settings = await readConfiguration(store, commits.base, configuration, catalogue);
  if ('problem' in settings) {
    return settings;
  }
  const trees = { base: base.entries, head: head.entries };
  const ids = new Map(base.entries.map(({ path, id }) => [path, id]));
  const touched = new Set(
    head.entries.filter(({ path, id }) => ids.get(path) !== id).map(({ path }) => path),
  );
  const tools = { rendering, stopwatch };
  const { leftOut, ...states } = await readStates(store, trees, settings, tools);
  return {
    settings,
    ...states,
    leftOut: leftOut.filter(({ path }) => touched.has(path)),
    configurationChanges: configuration?.id !== findConfiguration(head.entries)?.id,
  };
}

interface Tools {
  readonly rendering: Rendering;
  readonly stopwatch: Stopwatch;
}

async function readStates(
  store: CommitStore,
  trees: Readonly<Record<'base' | 'head', readonly TreeEntry[]>>,
  settings: Settings,
  { rendering, stopwatch }: Tools,
): Promise<ParsedStates & Pick<CommitStates, 'leftOut' | 'rendered'>> {
  const ignored = pathMatcher(settings.files.ignore);
  const isIgnored = (path: string): boolean => path === configurationFile || ignored(path);
  const base = selectManifests(trees.base, isIgnored);
  const head = selectManifests(trees.head, isIgnored);
  const contents = new Map<string, Buffer>();
  const parts = [...selectParts(trees.base), ...selectParts(trees.head)];
  const texts = await readTexts(store, [...base.files, ...head.files, ...parts], contents);
  stopwatch.lap('reading');
  const rendered = await renderStates({ store, trees, contents, isIgnored, settings, rendering });
  stopwatch.lap('rendering');
  const plain = parseStates(
    base.files.filter(({ path }) => !rendered.parts.base.has(path)),
    head.files.filter(({ path }) => !rendered.parts.head.has(path)),
    texts,
  );
  return {
    base: [...plain.base, ...rendered.base],
    head: [...plain.head, ...rendered.head],
    unreadable: [...plain.unreadable, ...rendered.unreadable],
    leftOut: head.leftOut,
    rendered: rendered.state,
  };
}

/** The configuration among the files of a commit. */
export function findConfiguration(entries: readonly TreeEntry[]): TreeEntry | undefined {
  return entries.find(({ path, type }) => path === configurationFile && type === 'file');
}

/** Reads the configuration of a commit; the defaults where there is none. */
export async function readConfiguration(
  store: CommitStore,
  commit: string,
  entry: TreeEntry | undefined,
  catalogue: Rules['catalogue'],
): Promise<Settings | GitProblem> {
  if (entry === undefined) {
    return defaultSettings;
  }
  const place = `${configurationFile} of ${commit.slice(0, 10)}`;
  const reading = (await readTexts(store, [entry])).get(entry.id);
  if (reading === undefined || 'problem' in reading) {
    return { problem: `${place}: ${reading?.problem ?? 'it cannot be read'}` };
  }
  const { documents, problems } = parseDocuments(reading.text);
  if (problems.length > 0) {
    const lines = problems.map(({ line, text }) => `${place}, line ${String(line)}: ${text}`);
    return { problem: lines.join('\n') };
  }
  const settings = readSettings(documents[0]?.value, catalogue);
  if ('settings' in settings) {
    return settings.settings;
  }
  const lines = settings.problems.map(({ path, text }) => `${place}, ${path || '/'}: ${text}`);
  return { problem: lines.join('\n') };
}
