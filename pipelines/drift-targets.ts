import { posix } from 'node:path';
import { formatProblem } from '../policies/core/settings-problems.ts';
import { isObject, type Json } from '../policies/core/json.ts';
import { readClusterEntry } from '../policies/core/read-cluster-entry.ts';
import type { Settings } from '../policies/core/settings.ts';
import type { DriftTarget } from '../policies/core/settings-targets.ts';
import type { Rules } from './judge.ts';
import { findConfiguration, readConfiguration } from './read-commits.ts';
import { parseDocuments } from './render/parse-documents.ts';
import type { CommitStore } from './source/commit-store.ts';
import { readTexts, selectManifests } from './source/git-manifests.ts';
import type { GitProblem } from './source/git-revisions.ts';

/** The clusters that a commit names, or what is wrong with how it does. */
export type TargetsReading = { readonly targets: readonly DriftTarget[] } | GitProblem;

/** Reads the targets of a commit: those of its configuration, and the `Cluster` entries of the folder that it names. */
export async function readTargets(
  store: CommitStore,
  commit: string,
  catalogue: Rules['catalogue'],
): Promise<TargetsReading> {
  const tree = await store.listTree(commit);
  if ('problem' in tree) {
    return tree;
  }
  const configuration = findConfiguration(tree.entries);
  const settings = await readConfiguration(store, commit, configuration, catalogue);
  if ('problem' in settings) {
    return settings;
  }
  const { targets, clusters } = settings.drift;
  const files = selectManifests(tree.entries, (path) => !isIn(clusters, path)).files;
  const texts = await readTexts(store, files);
  const found: DriftTarget[] = [...targets];
  const problems: string[] = [];
  for (const { path, id } of files) {
    const reading = texts.get(id);
    if (reading === undefined || 'problem' in reading) {
      problems.push(`${path}: ${reading?.problem ?? 'it cannot be read'}`);
      continue;
    }
    const entries = readEntries(path, reading.text);
    found.push(...entries.targets);
    problems.push(...entries.problems);
  }
  problems.push(...repeatedNames(found));
  if (found.length === 0 && problems.length === 0) {
    problems.push(nothingToCompare(settings));
  }
  return problems.length > 0 ? { problem: problems.join('\n') } : { targets: found };
}

function isIn(folder: string | undefined, path: string): boolean {
  return folder !== undefined && path.startsWith(`${posix.normalize(folder).replace(/\/$/u, '')}/`);
}

function readEntries(
  path: string,
  text: string,
): { readonly targets: readonly DriftTarget[]; readonly problems: readonly string[] } {
  const { documents, problems: unreadable } = parseDocuments(text);
  const targets: DriftTarget[] = [];
  const problems = unreadable.map((each) => `${path}, line ${String(each.line)}: ${each.text}`);
  for (const { value, line } of documents) {
    if (!isClusterEntry(value)) {
      continue;
    }
    const entry = readClusterEntry(value);
    if ('target' in entry) {
      targets.push(entry.target);
    } else {
      problems.push(
        ...entry.problems.map((each) => `${path}, line ${String(line)}: ${formatProblem(each)}`),
      );
    }
  }
  return { targets, problems };
}

function isClusterEntry(value: Json): boolean {
  return (
    isObject(value) &&
    value['kind'] === 'Cluster' &&
    typeof value['apiVersion'] === 'string' &&
    value['apiVersion'].startsWith('meshgate.dev/')
  );
}

function repeatedNames(targets: readonly DriftTarget[]): readonly string[] {
  const names = targets.map(({ name }) => name);
  const repeated = names.filter((name, index) => names.indexOf(name) < index);
  return [...new Set(repeated)].map(
    (name) => `the cluster ${name} is there twice: give each a name of its own`,
  );
}

function nothingToCompare({ drift }: Settings): string {
  return drift.clusters === undefined
    ? 'no cluster to compare: list them under drift.targets of meshgate.yaml'
    : `no cluster to compare: there is no Cluster entry in ${drift.clusters}, and drift.targets of meshgate.yaml is empty`;
}
