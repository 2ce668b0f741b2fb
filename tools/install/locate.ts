import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { binFolder, toolGroups } from './catalogue.ts';
import type { Tool, ToolGroup } from './catalogue.ts';
import type { ToolEnvironment } from './environment.ts';
import { buildKey } from './pinned.ts';
import { readStamp } from './stamps.ts';

/** Where the programs of a group are. */
export interface LocatedGroup {
  readonly folder: string;
  /** True when the folder is `tools/bin`, false when the machine had the programs already. */
  readonly built: boolean;
}

const versionDeadlineMilliseconds = 20_000;

/**
 * The first folder that holds every program of the group in an accepted version: KUBEBUILDER_ASSETS, then `tools/bin`,
 * then PATH; undefined when there is none.
 */
export function locateGroup(
  group: ToolGroup,
  environment: ToolEnvironment,
): LocatedGroup | undefined {
  const tools: readonly Tool[] = toolGroups[group];
  const assets = environment.kubebuilderAssets;
  if (assets !== undefined && holdsAll(assets, tools)) return { folder: assets, built: false };
  if (tools.every((tool) => isBuilt(tool))) return { folder: binFolder, built: true };
  const folder = environment.path.find((candidate) => holdsAll(candidate, tools));
  return folder === undefined ? undefined : { folder, built: false };
}

/** Whether `tools/bin` holds the program as it is pinned now. */
export function isBuilt(tool: Tool): boolean {
  return isExecutable(join(binFolder, tool.name)) && readStamp(tool.name) === buildKey(tool);
}

/** Whether the text that a program prints about itself names at least the given version. */
export function isAcceptedVersion(printed: string, atLeast: readonly [number, number]): boolean {
  const found = /(\d+)\.(\d+)\.\d+/.exec(printed);
  if (found === null) return false;
  const [major, minor] = [Number(found[1]), Number(found[2])];
  return major > atLeast[0] || (major === atLeast[0] && minor >= atLeast[1]);
}

function holdsAll(folder: string, tools: readonly Tool[]): boolean {
  return (
    tools.every((tool) => isExecutable(join(folder, tool.name))) &&
    tools.every((tool) => isAccepted(folder, tool))
  );
}

function isAccepted(folder: string, tool: Tool): boolean {
  const printed = spawnSync(join(folder, tool.name), tool.versionArguments, {
    encoding: 'utf8',
    timeout: versionDeadlineMilliseconds,
  });
  return printed.status === 0 && isAcceptedVersion(printed.stdout, tool.atLeast);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
