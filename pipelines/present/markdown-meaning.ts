import type { Meaning } from '../compare/meaning-statement.ts';
import type { Item } from './markdown-sections.ts';
import { prose } from './markdown-text.ts';

/** More lines than this are no summary. */
const mostLines = 12;

/** What a change means, a line a sentence, the gravest first; then how many more there are. */
export function meaningItems(meaning: readonly Meaning[]): readonly Item[] {
  const lines = meaning.slice(0, mostLines).map(({ text }) => `- ${prose(text)}`);
  const rest = meaning.length - lines.length;
  return [...lines, ...(rest > 0 ? [`- and ${String(rest)} more`] : [])].map((line) => ({
    brief: line,
    full: () => line,
  }));
}
