import { watch } from 'node:fs';
import { dirname } from 'node:path';

/** What is told of files that are watched. */
export interface FileReports {
  /** Something may have changed; the files are to be read again. */
  changed(): void;
  /** A folder cannot be watched; the files are still looked at twice a minute. */
  failed(problem: string): void;
}

const pollMilliseconds = 30_000;
const settleMilliseconds = 100;

/**
 * Watches the folders of files, because what is mounted is swapped by symbolic link, and has them looked at twice a minute
 * all the same. Returns what ends it.
 */
export function watchFiles(files: readonly string[], reports: FileReports): () => void {
  let waiting: NodeJS.Timeout | undefined;

  function soon(): void {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      reports.changed();
    }, settleMilliseconds);
  }

  const folders = new Set(files.map((file) => dirname(file)));
  const watchers = [...folders].map((folder) => watch(folder, { persistent: false }, soon));
  for (const watcher of watchers) {
    watcher.on('error', (error) => {
      reports.failed(error.message);
    });
  }
  const poll = setInterval(soon, pollMilliseconds);
  poll.unref();
  return () => {
    clearTimeout(waiting);
    clearInterval(poll);
    for (const watcher of watchers) {
      watcher.close();
    }
  };
}
