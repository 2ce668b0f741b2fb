import { compareText } from '../../policies/core/resource.ts';
import type { Manifest } from './manifest.ts';

/** How many objects of a kind change in what one source makes. */
export interface SourceCount {
  /** What is rendered (an overlay, a release), or the file of plain manifests. */
  readonly source: string;
  readonly kind: string;
  readonly added: number;
  readonly removed: number;
  /** Renamed ones too. */
  readonly changed: number;
}

/** Counts changes by their source and kind. */
export function sourceCounts(
  changed: readonly {
    readonly manifest: Manifest;
    readonly change: { readonly change: string };
  }[],
): readonly SourceCount[] {
  const counts = new Map<string, SourceCount>();
  for (const {
    manifest,
    change: { change },
  } of changed) {
    const source = manifest.root ?? manifest.file;
    const { kind } = manifest;
    const key = JSON.stringify([source, kind]);
    const {
      added,
      removed,
      changed: other,
    } = counts.get(key) ?? { added: 0, removed: 0, changed: 0 };
    counts.set(key, {
      source,
      kind,
      added: added + (change === 'added' ? 1 : 0),
      removed: removed + (change === 'removed' ? 1 : 0),
      changed: other + (change === 'added' || change === 'removed' ? 0 : 1),
    });
  }
  return [...counts.values()].toSorted(
    (left, right) => compareText(left.source, right.source) || compareText(left.kind, right.kind),
  );
}
