import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toolsFolder } from './catalogue.ts';
import type { Tool } from './catalogue.ts';

/** The version of `path` in the go.mod of `tools/<module>`, with its leading `v`; throws when it is not pinned there. */
export function pinnedVersion(module: string, path: string): string {
  const goMod = readFileSync(join(toolsFolder, module, 'go.mod'), 'utf8');
  for (const line of goMod.split('\n')) {
    const [name, version] = line
      .replace(/^require /, '')
      .trim()
      .split(/\s+/);
    if (name === path && version?.startsWith('v')) return version;
  }
  throw new Error(`tools/${module}/go.mod does not require ${path}: add it with its version`);
}

/** Names one build: what is pinned, how it is built, and for which platform. A binary with this key need not be rebuilt. */
export function buildKey(tool: Tool): string {
  const hash = moduleHash(tool.module);
  hash.update(goBuildArguments(tool).join('\0'));
  return `${pinnedVersion(tool.module, tool.versionOf)}-${process.platform}-${process.arch}-${hash.digest('hex').slice(0, 12)}`;
}

/** Names one state of the pinned definitions of `tools/crds`. */
export function crdKey(): string {
  return moduleHash('crds').digest('hex').slice(0, 12);
}

/** The flags of `go build` for a tool: stripped, without paths of this machine, with the version where it must be told. */
export function goBuildArguments(tool: Tool): readonly string[] {
  const linker = ['-s', '-w'];
  if (tool.versionVariable !== undefined) {
    linker.push('-X', `${tool.versionVariable}=${pinnedVersion(tool.module, tool.versionOf)}`);
  }
  return ['-trimpath', `-ldflags=${linker.join(' ')}`];
}

function moduleHash(module: string): ReturnType<typeof createHash> {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum'])
    hash.update(readFileSync(join(toolsFolder, module, file)));
  return hash;
}
