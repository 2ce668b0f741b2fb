import { posix } from 'node:path';
import { stringIn } from '../../policies/core/json.ts';
import type { FileTree } from './file-tree.ts';
import {
  isComponent,
  isKustomization,
  reachOf,
  readKustomization,
  type Reach,
} from './kustomization.ts';
import { documentsOf } from './parsed-files.ts';

/** What a repository consists of, before anything is rendered. */
export interface Layout {
  /** What each kustomization reads, by its folder. */
  readonly kustomizations: ReadonlyMap<string, Reach>;
  /** Folders of kustomizations that nothing else in the tree includes. */
  readonly topKustomizations: readonly string[];
  /** Folders of charts that are no part of others. */
  readonly charts: readonly string[];
  /** Files that are a part of something and no manifest by themselves. */
  readonly parts: ReadonlySet<string>;
}

const chartParts = ['templates', 'charts', 'crds'];

/**
 * Finds kustomizations and charts. Where a kustomization cannot be read any more, what it read in `before` still counts
 * as its part, so that a broken line does not turn patches into objects.
 */
export function readLayout(
  tree: FileTree,
  isOurs: (path: string) => boolean,
  before?: Layout,
): Layout {
  const visible = tree.entries.filter(({ path }) => !isHidden(path) && isOurs(path));
  const charts = chartsIn(visible.map(({ path }) => path));
  const inChart = (path: string): boolean => charts.some((folder) => isChartPart(folder, path));
  const kustomizations = new Map<string, Reach>();
  const parts = new Set<string>();
  const includers = new Map<string, string[]>();
  const components = new Set<string>();
  for (const { path } of visible) {
    const folder = posix.dirname(path);
    if (!isKustomization(tree, path) || inChart(path)) {
      continue;
    }
    const kustomization = readKustomization(tree, path);
    const reach = reachOf(tree, folder);
    const parted =
      kustomization === undefined ? (before?.kustomizations.get(folder) ?? reach) : reach;
    for (const { path: part } of parted.files.values()) {
      parts.add(part);
    }
    for (const base of parted.bases) {
      includers.set(base, [...(includers.get(base) ?? []), folder]);
    }
    kustomizations.set(folder, reach);
    if (isComponent(kustomization)) {
      components.add(folder);
    }
  }
  for (const { path } of visible.filter((entry) => inChart(entry.path))) {
    parts.add(path);
  }
  // Those that include one another are reported, since none of them is above the others.
  const isIncluded = (folder: string): boolean =>
    (includers.get(folder) ?? []).some((by) => kustomizations.get(folder)?.bases.has(by) !== true);
  const topKustomizations = [...kustomizations.keys()].filter(
    (folder) => !components.has(folder) && !isIncluded(folder),
  );
  return { kustomizations, topKustomizations, charts, parts };
}

/** Whether a chart is one that only others use. */
export function isLibrary(tree: FileTree, folder: string): boolean {
  const [chart] = documentsOf(tree, posix.join(folder, 'Chart.yaml'));
  return stringIn(chart?.value, 'type') === 'library';
}

/** Hidden folders and `node_modules` hold nothing of ours. */
export function isHidden(path: string): boolean {
  return /(?:^|\/)(?:\.[^/]*|node_modules)\//u.test(path);
}

function chartsIn(paths: readonly string[]): readonly string[] {
  const folders = paths
    .filter((path) => posix.basename(path) === 'Chart.yaml')
    .map((path) => posix.dirname(path));
  return folders.filter(
    (folder) => !folders.some((other) => other !== folder && isChartPart(other, folder)),
  );
}

function isChartPart(chart: string, path: string): boolean {
  const prefix = chart === '.' ? '' : `${chart}/`;
  return chartParts.some((part) => path.startsWith(`${prefix}${part}/`));
}
