import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { binFolder } from './catalogue.ts';

/** The key under which something was put into `tools/bin`, undefined when it never was. */
export function readStamp(name: string): string | undefined {
  try {
    return readFileSync(stampPath(name), 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** The file that says what was put into `tools/bin` under this name. */
export function stampPath(name: string): string {
  return join(binFolder, `.${name}.key`);
}
