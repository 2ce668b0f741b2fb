import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from './build.ts';
import { crdFolder, toolsFolder } from './catalogue.ts';
import type { ToolEnvironment } from './environment.ts';
import { missingGo, runGo } from './go.ts';
import { crdKey, pinnedVersion } from './pinned.ts';
import { readStamp, stampPath } from './stamps.ts';

/** Go modules that publish custom resource definitions, and where in them. */
const sources = [
  { module: 'istio.io/api', folder: 'kubernetes', prefix: 'istio' },
  { module: 'sigs.k8s.io/gateway-api', folder: 'config/crd/standard', prefix: 'gateway-api' },
] as const;

/** Whether `tools/bin/crds` holds the definitions as they are pinned now. */
export function hasCrds(): boolean {
  return readStamp('crds') === crdKey();
}

/** Copies Istio's and Gateway API's definitions from Go's module cache to `tools/bin/crds`. */
export async function provideCrds(environment: ToolEnvironment): Promise<Problem> {
  const missing = missingGo('the custom resource definitions', environment);
  if (missing !== undefined) return missing;
  rmSync(crdFolder, { recursive: true, force: true });
  mkdirSync(crdFolder, { recursive: true });
  for (const source of sources) {
    const args = ['mod', 'download', '-json', source.module];
    const result = await runGo(args, join(toolsFolder, 'crds'), environment);
    if (!result.ok)
      return `the definitions of ${source.module} could not be downloaded: ${result.problem}`;
    copyDefinitions(join(moduleFolder(result.output), source.folder), source.prefix);
    console.log(`crds: ${source.module} ${pinnedVersion('crds', source.module)}`);
  }
  writeFileSync(stampPath('crds'), `${crdKey()}\n`);
  return undefined;
}

function moduleFolder(downloaded: string): string {
  const { Dir: folder } = JSON.parse(downloaded) as { readonly Dir: string };
  return folder;
}

function copyDefinitions(folder: string, prefix: string): void {
  for (const file of readdirSync(folder)) {
    if (file.endsWith('.yaml'))
      copyFileSync(join(folder, file), join(crdFolder, `${prefix}-${file}`));
  }
}
