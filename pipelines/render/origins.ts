import { posix } from 'node:path';
import { stringIn, type JsonObject } from '../../policies/core/json.ts';
import { pointer } from '../../policies/core/pointer.ts';
import { textOf, type FileEntry, type FileTree } from './file-tree.ts';
import type { Layer, Origin } from './manifests.ts';
import { parseDocuments, type ParsedDocument } from './parse-documents.ts';
import { splitDocuments } from './split-documents.ts';

/** Finds where objects that a renderer made are declared. Reads each file once. */
export interface Origins {
  /** Of an object that Kustomize built from a file, under whatever name it came out. */
  ofResource(file: string, object: JsonObject, layers: readonly Layer[]): Origin;
  /** Of an object that a template made, the `index`-th of `count`. */
  ofTemplate(file: string, object: JsonObject, at: TemplatePlace, layers: readonly Layer[]): Origin;
}

/** Which of a template's documents an object is. */
export interface TemplatePlace {
  readonly index: number;
  readonly count: number;
}

/** Looks into one state of a repository. */
export function createOrigins(tree: FileTree): Origins {
  const parsed = new Map<string, readonly ParsedDocument[]>();
  function documentsOf(file: string): readonly ParsedDocument[] {
    const documents = parsed.get(file) ?? parseDocuments(textOf(tree, file) ?? '').documents;
    parsed.set(file, documents);
    return documents;
  }
  return {
    ofResource(file, object, layers) {
      const documents = documentsOf(file);
      const found = closest(documents, object) ?? documents[0];
      const { line = 1, index = 0, offset = 0, text = '' } = found ?? {};
      const rendered = { by: 'kustomize', layers } as const;
      return { file, line, document: index, prefix: pointer(), offset, text, rendered };
    },
    ofTemplate(file, object, { index, count }, layers) {
      const parts = splitDocuments(textOf(tree, file) ?? '').filter(({ text }) =>
        /\S/u.test(text.replace(/^---/u, '')),
      );
      const sameKind = parts.filter(({ text }) => kindOf(text) === object['kind']);
      const part = (parts.length === count ? parts[index] : undefined) ?? sameKind[0] ?? parts[0];
      const rendered = { by: 'helm', layers } as const;
      const { line = 1, offset = 0, text = '' } = part ?? {};
      return { file, line, document: index, prefix: pointer(), offset, text, rendered };
    },
  };
}

/** The path of a template in the tree: subcharts are named by their names, which their folders usually have. */
export function templateFile(
  folder: string,
  origin: string,
  files: ReadonlyMap<string, FileEntry>,
): string {
  return files.get(posix.join(folder, origin))?.path ?? posix.join(folder, 'Chart.yaml');
}

/** Same kind, and the longest name that the object's contains: prefixes, suffixes and hashes only add to it. */
function closest(
  documents: readonly ParsedDocument[],
  object: JsonObject,
): ParsedDocument | undefined {
  const name = stringIn(object, 'metadata', 'name') ?? '';
  let best: ParsedDocument | undefined;
  let length = -1;
  for (const document of documents) {
    const own = stringIn(document.value, 'metadata', 'name') ?? '';
    if (
      stringIn(document.value, 'kind') === object['kind'] &&
      name.includes(own) &&
      own.length > length
    ) {
      best = document;
      length = own.length;
    }
  }
  return best;
}

function kindOf(text: string): string | undefined {
  return /^kind:[ \t]*["']?(\w+)/mu.exec(text)?.[1];
}
