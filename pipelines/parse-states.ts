import { otherManifests, toManifest, type StateFile } from './compare/state.ts';
import {
  readManifests,
  type InputError,
  type LocatedResource,
  type Manifests,
} from './render/manifests.ts';
import type { TreeEntry } from './source/git-tree.ts';
import type { TextReading } from './source/read-text.ts';

/** A file of head that cannot be read, wholly or in part. */
export interface Unreadable {
  readonly path: string;
  readonly text: string;
  /** The change brought it: the file was not there with the same content before. */
  readonly introduced: boolean;
}

/** What the files of two commits declare. */
export interface ParsedStates {
  readonly base: readonly StateFile[];
  readonly head: readonly StateFile[];
  readonly unreadable: readonly Unreadable[];
}

/**
 * Parses the files of two commits, each content once. Files that are the same in both give the very same manifests.
 * Objects of kinds that policies do not know are read only where a file differs.
 */
export function parseStates(
  base: readonly TreeEntry[],
  head: readonly TreeEntry[],
  texts: ReadonlyMap<string, TextReading>,
): ParsedStates {
  const before = new Map(base.map(({ path, id }) => [path, id]));
  const after = new Map(head.map(({ path, id }) => [path, id]));
  const parsed = new Map<string, Manifests>();
  const shared = new Map<string, StateFile>();
  function parse({ path, id }: TreeEntry): StateFile {
    const known = shared.get(path);
    if (known !== undefined) {
      return known;
    }
    const differs = before.get(path) !== after.get(path);
    const file = parseFile(path, texts.get(id), differs, (text) => {
      const manifests = parsed.get(id) ?? readManifests(path, text);
      parsed.set(id, manifests);
      return manifests;
    });
    if (!differs) {
      shared.set(path, file);
    }
    return file;
  }
  const headFiles = head.map(parse);
  const unreadable = headFiles.flatMap(({ path, errors }) =>
    errors.map(({ line, text }) => ({
      path,
      text: `line ${String(line)}: ${text}`,
      introduced: before.get(path) !== after.get(path),
    })),
  );
  return { base: base.map(parse), head: headFiles, unreadable };
}

function parseFile(
  path: string,
  reading: TextReading | undefined,
  differs: boolean,
  parse: (text: string) => Manifests,
): StateFile {
  if (reading === undefined || 'problem' in reading) {
    const text = reading?.problem ?? 'its content is missing';
    return { path, manifests: [], errors: [{ file: path, line: 1, text }] };
  }
  const { text } = reading;
  if (!text.includes('apiVersion')) {
    return { path, manifests: [], errors: [] };
  }
  const { resources, errors } = parse(text);
  const manifests = resources.map((resource) => toManifest(relocate(resource, path)));
  const others = differs ? otherManifests(path, text) : [];
  return {
    path,
    manifests: [...manifests, ...others],
    errors: errors.map((error): InputError => ({ ...error, file: path })),
  };
}

function relocate(located: LocatedResource, file: string): LocatedResource {
  const { resource, origin } = located;
  return origin.file === file ? located : { resource, origin: { ...origin, file } };
}
