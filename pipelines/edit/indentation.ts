import { isMap } from 'yaml';
import { rangeOf, type SourceTree } from '../render/source-tree.ts';
import { columnOf } from './text-edit.ts';

/** Spaces that a level takes: as in the first nested block mapping, else 2. */
export function stepOf({ document, text }: SourceTree): number {
  const root = document.contents;
  if (!isMap(root)) {
    return 2;
  }
  for (const { key, value } of root.items) {
    if (isMap(value) && value.flow !== true) {
      const inner = columnOf(text, rangeOf(value.items[0]?.key)?.[0] ?? 0);
      const outer = columnOf(text, rangeOf(key)?.[0] ?? 0);
      return Math.max(inner - outer, 1);
    }
  }
  return 2;
}
