import { configurationFiles } from './configuration.ts';
import type { GeneratedFile } from './generated-file.ts';

/** Folders that hold nothing but generated files. */
export const generatedFolders: readonly string[] = [];

/** Everything that is generated; formatted by the caller. */
export async function generatedFiles(): Promise<readonly GeneratedFile[]> {
  return configurationFiles();
}
