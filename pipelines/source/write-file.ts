import {
  chmodSync,
  lstatSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describeSystemError } from './read-text.ts';

const byteOrderMark = '\uFEFF';

/**
 * Replaces a regular file's text at once: readers see the old or the new one, never a part. The mode is kept. Gives the
 * problem where the file is no regular one, holds another text than `before` by now, or cannot be written.
 */
export function replaceFile(
  path: string,
  before: string,
  after: string,
): { readonly problem: string } | undefined {
  try {
    const stats = lstatSync(path);
    if (!stats.isFile()) {
      return { problem: 'not a regular file' };
    }
    const current = readFileSync(path, 'utf8');
    const mark = current.startsWith(byteOrderMark) ? byteOrderMark : '';
    if (current !== mark + before) {
      return { problem: 'the file changed meanwhile' };
    }
    const real = realpathSync(path);
    const temporary = join(dirname(real), `.${basename(real)}.meshgate-${String(process.pid)}`);
    try {
      writeFileSync(temporary, mark + after, { flag: 'wx', mode: stats.mode });
      chmodSync(temporary, stats.mode);
      renameSync(temporary, real);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    return undefined;
  } catch (error) {
    return { problem: describeSystemError(error).replace('read', 'written') };
  }
}
