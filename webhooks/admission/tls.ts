import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:https';
import type { Pair } from '../certificates/pair.ts';
import { watchFiles } from '../watch-files.ts';

/** Paths of the serving certificate (chain) and its key, in PEM. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
}

/** What is loaded: the pair in PEM and the end of its validity. */
export interface TlsPair extends Pair {
  readonly expiresSeconds: number;
}

/** What a new pair, or the failure to load one, is reported to. */
export interface TlsReports {
  loaded(pair: TlsPair): void;
  failed(problem: string): void;
}

/** The oldest protocol that is spoken. */
export const minimumTlsVersion = 'TLSv1.2';

/** Reads the pair. Throws with the path of the first file that cannot be read, or that holds no certificate. */
export async function loadTlsPair(files: TlsFiles): Promise<TlsPair> {
  const cert = await readFile(files.certificate, 'utf8');
  const key = await readFile(files.key, 'utf8');
  try {
    const expiresSeconds = Date.parse(new X509Certificate(cert).validTo) / 1000;
    return { cert, key, expiresSeconds };
  } catch {
    throw new Error(`${files.certificate} holds no certificate in PEM`);
  }
}

/**
 * Gives the server each new pair of files without a restart; open connections go on. `loaded` is what the server has now.
 * Returns what ends it.
 */
export function followTlsFiles(
  server: Server,
  files: TlsFiles,
  loaded: TlsPair,
  reports: TlsReports,
): () => void {
  return watchTlsFiles(files, loaded, {
    loaded(pair) {
      serveTlsPair(server, pair);
      reports.loaded(pair);
    },
    failed: (problem) => {
      reports.failed(problem);
    },
  });
}

/** Tells of each new pair of files, again where that throws. Returns what ends it. */
export function watchTlsFiles(files: TlsFiles, known: Pair, reports: TlsReports): () => void {
  let current = known.cert + known.key;
  let reloading = Promise.resolve();

  async function reload(): Promise<void> {
    try {
      const pair = await loadTlsPair(files);
      const content = pair.cert + pair.key;
      if (content !== current) {
        reports.loaded(pair);
        current = content;
      }
    } catch (error) {
      reports.failed(error instanceof Error ? error.message : String(error));
    }
  }

  return watchFiles([files.certificate, files.key], {
    // One after the other: of two at once, the one that began first might end last, and put the old pair back.
    changed() {
      reloading = reloading.then(reload);
    },
    failed: (problem) => {
      reports.failed(problem);
    },
  });
}

/** Serves a pair from the next handshake on. Throws where it is none. */
export function serveTlsPair(server: Server, { cert, key }: Pair): void {
  server.setSecureContext({ cert, key, minVersion: minimumTlsVersion });
}
