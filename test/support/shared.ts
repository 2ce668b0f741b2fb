import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readTestEnvironment } from './environment.ts';

/**
 * The path of something in the folder of shared third-party cases, or the reason why a test that
 * needs it must be skipped.
 */
export function findShared(
  ...parts: readonly string[]
): { readonly path: string } | { readonly missing: string } {
  const path = join(readTestEnvironment().sharedFolder, ...parts);
  if (existsSync(path)) return { path };
  return { missing: `no ${parts.join('/')} in the shared cases (MESHGATE_SHARED)` };
}
