import { configurationFiles } from './configuration.ts';

/** A file that is made from the sources; its path is relative to the checkout. */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

/** Folders that hold nothing but generated files. */
export const generatedFolders: readonly string[] = [];

/** Everything that is generated; formatted by the caller. */
export async function generatedFiles(): Promise<readonly GeneratedFile[]> {
  return configurationFiles();
}
