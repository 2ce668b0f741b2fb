import { existsSync } from 'node:fs';
import { defaultSettings, readSettings } from '../policies/core/read-settings.ts';
import type { Settings } from '../policies/core/settings.ts';
import type { SettingsProblem } from '../policies/core/settings-problems.ts';
import { catalogue } from '../policies/index.ts';
import { parseDocuments } from '../pipelines/render/parse-documents.ts';
import { readText } from '../pipelines/source/read-text.ts';
import { UsageError } from './usage-error.ts';

/** The name of the configuration that is taken where none is named. */
export const usualConfig = 'meshgate.yaml';

/** Settings and the file that they are from, if any. */
export interface LoadedSettings {
  readonly settings: Settings;
  readonly file?: string;
}

/**
 * Reads the configuration: the named file, or `meshgate.yaml` in the current folder, or the defaults. Throws a UsageError
 * that lists all that is wrong with it, each with its line.
 */
export async function loadSettings(config: string | undefined): Promise<LoadedSettings> {
  const file = config ?? (existsSync(usualConfig) ? usualConfig : undefined);
  if (file === undefined) {
    return { settings: defaultSettings };
  }
  const reading = readText(file);
  if ('problem' in reading) {
    throw new UsageError(`${file}: ${reading.problem}`);
  }
  const { documents, problems } = parseDocuments(reading.text);
  if (problems.length > 0) {
    throw new UsageError(
      problems.map(({ line, text }) => `${file}:${String(line)}: ${text}`).join('\n'),
    );
  }
  if (documents.length > 1) {
    throw new UsageError(
      `${file}:${String(documents[1]?.line)}: one document is a configuration, not several`,
    );
  }
  const [document] = documents;
  const read = readSettings(document?.value, catalogue);
  if ('problems' in read) {
    throw new UsageError(await describeProblems(file, document, read.problems));
  }
  return { settings: read.settings, file };
}

async function describeProblems(
  file: string,
  document: { readonly text: string; readonly line: number } | undefined,
  problems: readonly SettingsProblem[],
): Promise<string> {
  const { readPlaces } = await import('../pipelines/render/source-places.ts');
  const { positionOf } = await import('../pipelines/render/position.ts');
  const places = readPlaces(document?.text ?? '');
  const placed = problems.map(({ path, text }) => ({
    line: positionOf(places, path).line + (document?.line ?? 1) - 1,
    text: `${path === '' ? '' : `${path}: `}${text}`,
  }));
  return placed
    .toSorted((left, right) => left.line - right.line)
    .map(({ line, text }) => `${file}:${String(line)}: ${text}`)
    .join('\n');
}
