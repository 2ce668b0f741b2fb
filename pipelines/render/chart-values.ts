import type { Json } from '../../policies/core/json.ts';
import { textOf, type FileTree } from './file-tree.ts';
import { parseDocuments } from './parse-documents.ts';
import type { ChartRecipe } from './recipe.ts';

/** A value by its path, as a text of values. */
export function nestedValue(path: string, value: Json): string {
  return JSON.stringify(
    path.split('.').reduceRight<Json>((inner, key) => ({ [key]: inner }), value),
  );
}

/** The values of a release as texts, and the files that they are from; or what is wrong with them. */
export function valuesTexts(
  tree: FileTree,
  { values }: ChartRecipe,
):
  | { readonly texts: readonly string[]; readonly files: readonly string[] }
  | { readonly problem: string; readonly file?: string } {
  const texts: string[] = [];
  const files: string[] = [];
  for (const source of values) {
    const text = 'file' in source ? textOf(tree, source.file) : source.text;
    if (text === undefined) {
      continue;
    }
    const [problem] = parseDocuments(text).problems;
    if (problem !== undefined) {
      const place = `values, line ${String(problem.line)}: ${problem.text}`;
      return 'file' in source ? { problem: place, file: source.file } : { problem: place };
    }
    texts.push(text);
    if ('file' in source) {
      files.push(source.file);
    }
  }
  return { texts, files };
}
