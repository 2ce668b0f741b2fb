import type { SourceCount } from '../compare/source-counts.ts';
import type { Item } from './markdown-sections.ts';
import { codeSpan } from './markdown-text.ts';

/** The head of the table whose rows {@link countItems} gives. */
export const countsHead = '| source | kind | added | removed | changed |\n|---|---|--:|--:|--:|\n';

/** A kustomization is known by its folder. */
const kustomizationFile = /\/(?:kustomization\.ya?ml|Kustomization)$/u;

/** One row for each source and kind; none where a single one changes, which the list of changes says already. */
export function countItems(counts: readonly SourceCount[]): readonly Item[] {
  if (counts.length < 2) {
    return [];
  }
  return counts.map(({ source, kind, added, removed, changed }) => {
    const cells = [
      cell(source.replace(kustomizationFile, '')),
      cell(kind),
      ...[added, removed, changed].map(String),
    ];
    const line = `| ${cells.join(' | ')} |`;
    return { brief: line, full: () => line };
  });
}

/** A bar ends a cell even within code. */
function cell(text: string): string {
  return codeSpan(text).replaceAll('|', String.raw`\|`);
}
