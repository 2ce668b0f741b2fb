import { posix, resolve } from 'node:path';
import type { DeclaredObject, InputError, LocatedResource } from '../render/manifests.ts';
import type { ShownState } from '../shown-state.ts';
import type { FoundFile } from './file-search.ts';
import { findFiles } from './find-files.ts';
import { isKustomization, patchFiles } from './kustomize.ts';
import { pathMatcher } from './path-glob.ts';
import { decodeText, readText, type TextReading } from './read-text.ts';

/** A text that may hold manifests. */
export interface SourceText {
  /** How findings name it. */
  readonly file: string;
  readonly text: string;
  /** A regular file that fixes may be written to. */
  readonly writable: boolean;
}

/** What the named paths hold. */
export interface Sources {
  readonly texts: readonly SourceText[];
  readonly errors: readonly InputError[];
  readonly notes: readonly string[];
  /** Whether there are kustomizations or charts, which a renderer has to read. */
  readonly hasParts?: boolean;
  /** What renderers made of them. */
  readonly rendered?: readonly LocatedResource[];
  /** How they made it, one for each repository: what would come of an edit can be asked. */
  readonly states?: readonly ShownState[];
  /** Ends the renderers. */
  readonly close?: () => Promise<void>;
  /** What they made besides: objects of kinds that no policy knows. */
  readonly renderedOthers?: readonly DeclaredObject[];
}

/** What to read. */
export interface SourceRequest {
  /** Files, folders, and `-` for the standard input. */
  readonly paths: readonly string[];
  /** Globs of paths that are left out. */
  readonly ignore: readonly string[];
  /** Files that are left out although they lie in a named folder, such as the configuration. */
  readonly except?: readonly string[];
  /** Bytes of the standard input; called once, when `-` is among the paths. */
  readonly readInput: () => Promise<Buffer>;
  /** Read a file again whenever its text is asked for, in place of holding the texts of all. */
  readonly readAgain?: boolean;
}

/** How findings name the standard input. */
export const inputName = '<stdin>';

/**
 * Reads every manifest at once. A file in a folder that does not mention `apiVersion` is no manifest, and
 * is left out however broken it is; a file that was named must be readable.
 */
export async function readSources(request: SourceRequest): Promise<Sources> {
  const except = new Set(request.except?.map((path) => resolve(path)));
  const isIgnored = pathMatcher(request.ignore);
  const found = findFiles(
    request.paths.filter((path) => path !== '-'),
    (path) => (except.size > 0 && except.has(resolve(path))) || isIgnored(path),
  );
  const errors = [...found.errors];
  const texts: SourceText[] = [];
  const patches = new Set<string>();
  const readOne = rememberingLast((file) => readText(file));
  for (const file of found.files) {
    const reading = take(file, readText(file.file), errors);
    if (reading === undefined) {
      continue;
    }
    if (isKustomization(file.file)) {
      for (const patch of patchFiles(file.file, reading)) {
        patches.add(patch);
      }
    } else {
      const writable = !file.linked;
      texts.push(
        request.readAgain === true
          ? unheldText(file.file, writable, readOne)
          : { file: file.file, text: reading, writable },
      );
    }
  }
  if (request.paths.includes('-')) {
    const input: FoundFile = { file: inputName, named: true, linked: false };
    const text = take(input, decodeText(await request.readInput()), errors);
    texts.push(...(text === undefined ? [] : [{ file: inputName, text, writable: false }]));
  }
  const isPart = ({ file }: FoundFile): boolean =>
    isKustomization(file) || posix.basename(file) === 'Chart.yaml';
  return {
    texts: patches.size === 0 ? texts : texts.filter(({ file }) => !patches.has(file)),
    errors,
    notes: found.notes,
    hasParts: found.files.some(isPart),
  };
}

/** Documents of one file are mostly asked for one after the other. */
function rememberingLast(read: (file: string) => TextReading): (file: string) => TextReading {
  let last: { readonly file: string; readonly reading: TextReading } | undefined;
  return (file) => {
    if (last?.file !== file) {
      last = { file, reading: read(file) };
    }
    return last.reading;
  };
}

/** A file that is gone by then is an empty one. */
function unheldText(
  file: string,
  writable: boolean,
  read: (file: string) => TextReading,
): SourceText {
  return {
    file,
    writable,
    get text() {
      const reading = read(file);
      return 'problem' in reading ? '' : reading.text;
    },
  };
}

function take(file: FoundFile, reading: TextReading, errors: InputError[]): string | undefined {
  if ('problem' in reading) {
    errors.push({ file: file.file, line: 1, text: reading.problem });
    return undefined;
  }
  const { text } = reading;
  return file.named || text.includes('apiVersion') ? text : undefined;
}
