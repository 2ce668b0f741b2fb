import { renderSources } from '../pipelines/render-sources.ts';
import { readSources, type Sources } from '../pipelines/source/read-sources.ts';
import type { Settings } from '../policies/core/settings.ts';
import { readEnvironment } from './environment.ts';
import { loadSettings } from './load-settings.ts';
import type { Terminal } from './terminal.ts';

/** What a command works on. */
export interface LoadedSources {
  readonly settings: Settings;
  readonly sources: Sources;
}

/**
 * Reads the configuration, and what the paths hold, rendered. Whoever asks closes the sources in the end. Throws a
 * UsageError that lists all that is wrong with the configuration.
 */
export async function loadSources(
  paths: readonly string[],
  { config, readAgain = false }: { readonly config?: string; readonly readAgain?: boolean },
  terminal: Terminal,
): Promise<LoadedSources> {
  const { settings, file } = await loadSettings(config);
  const read = await readSources({
    paths,
    ignore: settings.files.ignore,
    except: file === undefined ? [] : [file],
    readInput: () => terminal.readInput(),
    readAgain,
  });
  const sources = await renderSources(read, paths, settings, readEnvironment().cacheFolder);
  return { settings, sources };
}
