import { textOf, type FileTree } from './file-tree.ts';
import { parseDocuments, type ParsedDocument } from './parse-documents.ts';

/** By the very content that was read, which both states of a repository share where it did not change. */
const parsed = new WeakMap<Buffer, readonly ParsedDocument[]>();

/** The documents of a file that can be read; a file is parsed once, whoever asks and however many states have it. */
export function documentsOf(tree: FileTree, path: string): readonly ParsedDocument[] {
  const place = tree.resolve(path);
  const content = place.type === 'file' ? tree.content(place.entry) : undefined;
  if (content === undefined) {
    return [];
  }
  const documents = parsed.get(content) ?? parseDocuments(textOf(tree, path) ?? '').documents;
  parsed.set(content, documents);
  return documents;
}
