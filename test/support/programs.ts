import { join } from 'node:path';
import { readToolEnvironment } from '../../tools/install/environment.ts';
import { locateGroup } from '../../tools/install/locate.ts';

/** The path of a program that only some tests need; undefined where it is not there. */
export function findProgram(name: 'helm' | 'kubectl'): string | undefined {
  const found = locateGroup(name, readToolEnvironment());
  return found === undefined ? undefined : join(found.folder, name);
}

/** What is missing of the programs, and what to do; undefined where all are there. */
export function missingPrograms(...names: readonly ('helm' | 'kubectl')[]): string | undefined {
  const missing = names.filter((name) => findProgram(name) === undefined);
  return missing.length === 0
    ? undefined
    : `no ${missing.join(' and ')}: run \`npm run tools -- ${missing.join(' ')}\``;
}
