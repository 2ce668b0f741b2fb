import { findProblems, type SettingsProblem } from './settings-problems.ts';
import { clusterEntry } from './settings-schema-targets.ts';
import type { DriftTarget } from './settings-targets.ts';

/** Reads a parsed `Cluster` entry as the target that it stands for, or gives everything that is wrong with it. */
export function readClusterEntry(
  document: unknown,
): { readonly target: DriftTarget } | { readonly problems: readonly SettingsProblem[] } {
  const problems = findProblems(clusterEntry, document);
  if (problems.length > 0) {
    return { problems };
  }
  const { metadata, spec } = clusterEntry.parse(document);
  return { target: { name: metadata.name, ...(spec as Omit<DriftTarget, 'name'>) } };
}
