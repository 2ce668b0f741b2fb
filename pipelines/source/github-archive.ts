import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import type { GitHub } from './github.ts';
import type { GitHubRepository } from './github-pull.ts';

/** Which contents to keep: those that have one of these ids and, so that few need hashing, one of these lengths. */
export interface WantedBlobs {
  readonly ids: ReadonlySet<string>;
  readonly lengths: ReadonlySet<number>;
}

/** What an archive unpacks to at most; beyond it, what is still missing is asked for one by one. */
const mostUnpackedBytes = 2 * 1024 * 1024 * 1024;

/** A download may take longer than a request: an archive is as large as a repository. */
const longestDownloadMilliseconds = 120_000;

/**
 * Takes contents out of a commit's archive. Nothing is unpacked and no path of the archive is used: a content counts by
 * its hash alone, so neither a hostile nor a damaged archive can say anything wrong. Gives false where the archive ended
 * early.
 */
export async function readArchive(
  github: GitHub,
  repository: GitHubRepository,
  commit: string,
  wanted: WantedBlobs,
  keep: (id: string, bytes: Buffer) => void,
): Promise<boolean> {
  const response = await github.request('GET /repos/{owner}/{repo}/tarball/{ref}', {
    owner: repository.owner,
    repo: repository.repo,
    ref: commit,
    request: { redirect: 'manual', parseSuccessResponseBody: false },
  });
  const body = await openArchive(github, response);
  return body !== undefined && (await readTarball(body, wanted, keep));
}

/** The archive lies elsewhere, behind a link that is its own credential: the token stays here. */
async function openArchive(
  github: GitHub,
  response: { readonly headers: { readonly location?: string }; readonly data: unknown },
): Promise<Readable | undefined> {
  const { location } = response.headers;
  if (location === undefined) {
    return response.data instanceof ReadableStream ? Readable.from(response.data) : undefined;
  }
  const url = new URL(location, github.baseUrl);
  if (url.protocol !== 'https:' && url.protocol !== new URL(github.baseUrl).protocol) {
    return undefined;
  }
  try {
    const answer = await fetch(url, { signal: github.timeout(longestDownloadMilliseconds) });
    return answer.ok && answer.body !== null ? Readable.from(answer.body) : undefined;
  } catch {
    // What the archive does not give is read one by one.
    return undefined;
  }
}

async function readTarball(
  body: Readable,
  wanted: WantedBlobs,
  keep: (id: string, bytes: Buffer) => void,
): Promise<boolean> {
  const parser = new Parser({
    onReadEntry: (entry) => {
      readEntry(entry, wanted, keep);
    },
  });
  const unpacked = body.on('error', (error) => unpacked.destroy(error)).pipe(createGunzip());
  let bytes = 0;
  try {
    for await (const chunk of unpacked as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > mostUnpackedBytes) {
        return false;
      }
      parser.write(chunk);
    }
    return true;
  } catch {
    return false;
  } finally {
    body.destroy();
    unpacked.destroy();
  }
}

function readEntry(
  entry: ReadEntry,
  wanted: WantedBlobs,
  keep: (id: string, bytes: Buffer) => void,
): void {
  const link = entry.type === 'SymbolicLink' ? Buffer.from(entry.linkpath ?? '') : undefined;
  const length = link?.length ?? entry.size;
  if ((link === undefined && entry.type !== 'File') || !wanted.lengths.has(length)) {
    entry.resume();
    return;
  }
  const chunks: Buffer[] = link === undefined ? [] : [link];
  entry.on('data', (chunk) => chunks.push(Buffer.from(chunk)));
  entry.once('end', () => {
    const bytes = Buffer.concat(chunks);
    const id = blobId(bytes);
    if (wanted.ids.has(id)) {
      keep(id, bytes);
    }
  });
}

/** The id by which git knows a content. */
export function blobId(bytes: Buffer): string {
  return createHash('sha1')
    .update(`blob ${String(bytes.length)}\0`)
    .update(bytes)
    .digest('hex');
}
