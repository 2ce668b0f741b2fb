import { writeFileSync } from 'node:fs';
import { errorCode } from '../../pipelines/source/read-text.ts';
import { catalogue } from '../../policies/index.ts';
import { usualConfig } from '../load-settings.ts';
import { UsageError } from '../usage-error.ts';
import { configTemplate } from './config-template.ts';

/** Writes the configuration into the current folder. Throws a UsageError where one is there, unless forced. */
export function writeConfig(force: boolean): void {
  try {
    writeFileSync(usualConfig, configTemplate(catalogue), { flag: force ? 'w' : 'wx' });
  } catch (error) {
    throw new UsageError(
      errorCode(error) === 'EEXIST'
        ? `${usualConfig} is there already; --force overwrites it`
        : `${usualConfig} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
