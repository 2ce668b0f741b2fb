import { createHash } from 'node:crypto';
import type { Settings } from '../../policies/core/settings.ts';
import { defaultSettings } from '../../policies/core/read-settings.ts';
import type { MeshPolicy } from '../../policies/mesh/mesh.ts';
import { parseConfiguration, readTextFile } from './read-configuration.ts';

/** A configuration, and the name of what it says: the begin of the SHA-256 of its file, or `default` without one. */
export interface Configuration {
  readonly settings: Settings;
  readonly version: string;
}

/** A configuration, or all that is wrong with it. */
export type ConfigurationReading =
  | { readonly configuration: Configuration }
  | { readonly version: string; readonly problem: string };

const versionLength = 12;

/** Reads the configuration; never throws. Without a file it is the default one. */
export async function loadConfiguration(
  file: string | undefined,
  catalogue: readonly MeshPolicy[],
): Promise<ConfigurationReading> {
  if (file === undefined) {
    return { configuration: { settings: defaultSettings, version: 'default' } };
  }
  let version = 'unreadable';
  try {
    const text = await readTextFile(file);
    version = createHash('sha256').update(text).digest('hex').slice(0, versionLength);
    return { configuration: { settings: parseConfiguration(file, text, catalogue), version } };
  } catch (error) {
    return { version, problem: error instanceof Error ? error.message : String(error) };
  }
}
