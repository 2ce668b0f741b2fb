import type { Settings } from '../policies/core/settings.ts';
import type { Rules } from './judge.ts';
import { findConfiguration, configurationFile, readConfiguration } from './read-commits.ts';
import { createFileTree } from './render/file-tree.ts';
import type { InputError } from './render/manifests.ts';
import { renderContext } from './render/render-context.ts';
import { renderTree } from './render/render-tree.ts';
import { clusterFacts, type Rendering } from './render/rendering.ts';
import { resourcesIn } from './rendered-resources.ts';
import { loadInto, type CommitStore } from './source/commit-store.ts';
import { readTexts, selectManifests, selectParts } from './source/git-manifests.ts';
import type { GitProblem } from './source/git-revisions.ts';
import { pathMatcher } from './source/path-glob.ts';
import type { Sources, SourceText } from './source/read-sources.ts';

/** What a commit declares below some paths, and the configuration that lies beside it. */
export interface CommitSources {
  readonly settings: Settings;
  readonly sources: Sources;
}

/** Which commit, and which paths of it; '.' is all. */
export interface CommitRequest {
  readonly store: CommitStore;
  readonly commit: string;
  readonly paths: readonly string[];
  readonly catalogue: Rules['catalogue'];
  readonly rendering: Rendering;
}

/** Reads what a commit declares, rendered, as {@link readSources} reads folders. */
export async function readCommit(request: CommitRequest): Promise<CommitSources | GitProblem> {
  const { store, commit, paths, catalogue, rendering } = request;
  const tree = await store.listTree(commit);
  if ('problem' in tree) {
    return tree;
  }
  const configuration = findConfiguration(tree.entries);
  const settings = await readConfiguration(store, commit, configuration, catalogue);
  if ('problem' in settings) {
    return settings;
  }
  const isWanted = isBelow(paths);
  const ignored = pathMatcher(settings.files.ignore);
  const isIgnored = (path: string): boolean => path === configurationFile || ignored(path);
  const manifests = selectManifests(tree.entries, isIgnored);
  const contents = new Map<string, Buffer>();
  const parts = selectParts(tree.entries);
  const readings = await readTexts(store, [...manifests.files, ...parts], contents);
  const context = renderContext({
    tree: createFileTree(tree.entries, contents),
    load: loadInto(store, contents),
    ...rendering,
    ...clusterFacts(settings),
  });
  const rendered = await renderTree(context, { isIgnored, isWanted });
  const { resources, others, errors } = resourcesIn(rendered.roots, (path) => path);
  const texts: SourceText[] = [];
  const unreadable: InputError[] = [];
  for (const { path, id } of manifests.files) {
    if (!isWanted(path) || rendered.parts.has(path)) {
      continue;
    }
    const reading = readings.get(id) ?? { problem: 'its content is missing' };
    if ('problem' in reading) {
      unreadable.push({ file: path, line: 1, text: reading.problem });
    } else if (reading.text.includes('apiVersion')) {
      texts.push({ file: path, text: reading.text, writable: false });
    }
  }
  const notes = manifests.leftOut
    .filter(({ path }) => isWanted(path))
    .map(({ path, reason }) => `${path}: left out, ${reason}`);
  return {
    settings,
    sources: {
      texts,
      errors: [...unreadable, ...errors],
      notes,
      rendered: resources,
      renderedOthers: others,
    },
  };
}

function isBelow(paths: readonly string[]): (path: string) => boolean {
  const tops = paths.map((path) => path.replace(/^\.\//u, '').replace(/\/+$/u, ''));
  return (path) =>
    tops.some((top) => top === '.' || top === '' || path === top || path.startsWith(`${top}/`));
}
