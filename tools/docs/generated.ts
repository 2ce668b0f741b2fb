import { chartFiles } from './chart.ts';
import { configurationFiles } from './configuration.ts';
import { dashboardFile } from './dashboard.ts';
import type { GeneratedFile } from './generated-file.ts';
import { policiesFolder, policyFiles } from './policies.ts';

/** Folders that hold nothing but generated files. */
export const generatedFolders: readonly string[] = [policiesFolder];

/** Everything that is generated; formatted by the caller. */
export async function generatedFiles(): Promise<readonly GeneratedFile[]> {
  return [
    ...policyFiles(),
    ...(await configurationFiles()),
    ...(await chartFiles()),
    dashboardFile(),
  ];
}
