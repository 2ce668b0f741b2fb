import { X509Certificate } from 'node:crypto';
import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:https';
import { dirname } from 'node:path';

/** Paths of the serving certificate (chain) and its key, in PEM. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
}

/** What is loaded: the pair in PEM and the end of its validity. */
export interface TlsPair {
  readonly cert: string;
  readonly key: string;
  readonly expiresSeconds: number;
}

/** What a new pair, or the failure to load one, is reported to. */
export interface TlsReports {
  loaded(pair: TlsPair): void;
  failed(problem: string): void;
}

/** The oldest protocol that is spoken. */
export const minimumTlsVersion = 'TLSv1.2';

const pollMilliseconds = 30_000;
const settleMilliseconds = 100;

/** Reads the pair. Throws with the path where a file cannot be read or holds no certificate. */
export async function loadTlsPair(files: TlsFiles): Promise<TlsPair> {
  const [cert, key] = await Promise.all([
    readFile(files.certificate, 'utf8'),
    readFile(files.key, 'utf8'),
  ]);
  try {
    const expiresSeconds = Date.parse(new X509Certificate(cert).validTo) / 1000;
    return { cert, key, expiresSeconds };
  } catch {
    throw new Error(`${files.certificate} holds no certificate in PEM`);
  }
}

/**
 * Gives the server each new pair of files without a restart; open connections go on. Watches the folders, because
 * mounted Secrets are swapped by symbolic link, and looks by itself twice a minute.
 * `loaded` is what the server has now. Returns what ends it.
 */
export function followTlsFiles(
  server: Server,
  files: TlsFiles,
  loaded: TlsPair,
  reports: TlsReports,
): () => void {
  let current = loaded.cert + loaded.key;
  let waiting: NodeJS.Timeout | undefined;

  async function reload(): Promise<void> {
    try {
      const pair = await loadTlsPair(files);
      const content = pair.cert + pair.key;
      if (content !== current) {
        server.setSecureContext({ cert: pair.cert, key: pair.key, minVersion: minimumTlsVersion });
        current = content;
        reports.loaded(pair);
      }
    } catch (error) {
      reports.failed(error instanceof Error ? error.message : String(error));
    }
  }
  function soon(): void {
    clearTimeout(waiting);
    waiting = setTimeout(() => void reload(), settleMilliseconds);
  }

  const folders = new Set([dirname(files.certificate), dirname(files.key)]);
  const watchers = [...folders].map((folder) => watch(folder, { persistent: false }, soon));
  for (const watcher of watchers) {
    watcher.on('error', (error) => {
      reports.failed(error.message);
    });
  }
  const poll = setInterval(() => void reload(), pollMilliseconds);
  poll.unref();
  return () => {
    clearTimeout(waiting);
    clearInterval(poll);
    for (const watcher of watchers) {
      watcher.close();
    }
  };
}
