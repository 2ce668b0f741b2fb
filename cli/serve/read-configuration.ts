import { readFile } from 'node:fs/promises';
import { defaultSettings, readSettings } from '../../policies/core/read-settings.ts';
import type { Settings } from '../../policies/core/settings.ts';
import { readYaml } from '../../policies/core/yaml.ts';
import type { MeshPolicy } from '../../policies/mesh/mesh.ts';
import { UsageError } from '../usage-error.ts';

/** The settings in a file, or the defaults where none is named. Throws a UsageError that lists all that is wrong. */
export async function readConfiguration(
  file: string | undefined,
  catalogue: readonly MeshPolicy[],
): Promise<Settings> {
  if (file === undefined) {
    return defaultSettings;
  }
  return parseConfiguration(file, await readTextFile(file), catalogue);
}

/** The settings in the text of a file. Throws a UsageError that lists all that is wrong. */
export function parseConfiguration(
  file: string,
  text: string,
  catalogue: readonly MeshPolicy[],
): Settings {
  const yaml = readYaml(text);
  if ('problem' in yaml) {
    throw new UsageError(`${file}:${String(yaml.line)}: ${yaml.problem}`);
  }
  const read = readSettings(yaml.value, catalogue);
  if ('problems' in read) {
    const lines = read.problems.map(({ path, text }) => `${file}: ${path || '/'}: ${text}`);
    throw new UsageError(lines.join('\n'));
  }
  return read.settings;
}

/** The text of a file that the user named. Throws a UsageError where it cannot be read. */
export async function readTextFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(
      `cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
