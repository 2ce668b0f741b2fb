import { resolve } from 'node:path';
import type { InputError } from '../render/manifests.ts';

/** A file to read. */
export interface FoundFile {
  /** The path as people know it: from the folder or file that was named, written with `/`. */
  readonly file: string;
  /** Named itself, not found in a folder. */
  readonly named: boolean;
  /** Reached through a symbolic link. */
  readonly linked: boolean;
}

/** A search for files under way: what was found, what could not be read, and what was left out. */
export interface FileSearch {
  readonly files: Map<string, FoundFile>;
  readonly errors: InputError[];
  readonly notes: string[];
  readonly isIgnored: (path: string) => boolean;
}

/** Adds a file; one that was named itself replaces what a folder gave. */
export function addFile(found: FoundFile, search: FileSearch): void {
  const key = resolve(found.file);
  if (found.named || !search.files.has(key)) {
    search.files.set(key, found);
  }
}
