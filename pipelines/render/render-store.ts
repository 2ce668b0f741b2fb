import { createHash, randomUUID } from 'node:crypto';
import {
  constants,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** Texts that outlive a process, each under the name of what it was made of. Nothing relies on finding one again. */
export interface RenderStore {
  /** Undefined where there is none, or none that is whole. */
  read(name: string): string | undefined;
  write(name: string, text: string): void;
}

/** Enough for tens of thousands of usual roots. */
const usualBytes = 256 * 1024 * 1024;
const writesBetweenSweeps = 256;
/** What a sweep leaves, so that not each write makes for another one. */
const keptShare = 0.8;
const dayMilliseconds = 24 * 60 * 60 * 1000;
const othersMayWrite = 0o022;

/**
 * A store in a folder that belongs to this user alone; undefined where there can be none. Entries are written whole or
 * not at all, carry a checksum, and the ones that nobody asked for the longest go first when there are too many bytes.
 * Concurrent processes may share the folder.
 */
export function openRenderStore(
  folder: string,
  mostBytes: number = usualBytes,
): RenderStore | undefined {
  if (!isOurs(folder)) {
    return undefined;
  }
  let writes = 0;
  return {
    read: (name) => readEntry(join(folder, name)),
    write(name, text) {
      try {
        if (writes % writesBetweenSweeps === 0) {
          sweep(folder, mostBytes);
        }
        writes += 1;
        const unfinished = join(folder, `.${randomUUID()}`);
        writeFileSync(unfinished, `${checksum(text)}\n${text}`, { mode: 0o600, flag: 'wx' });
        renameSync(unfinished, join(folder, name));
      } catch {
        // A full or vanished disk costs time, not the result.
      }
    },
  };
}

/** In a folder that somebody else may write to, an entry could be anybody's. */
function isOurs(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const found = lstatSync(folder);
    return (
      found.isDirectory() &&
      (found.mode & othersMayWrite) === 0 &&
      (process.getuid === undefined || found.uid === process.getuid())
    );
  } catch {
    return false;
  }
}

function readEntry(file: string): string | undefined {
  try {
    const descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    let content: string;
    try {
      content = readFileSync(descriptor, 'utf8');
    } finally {
      closeSync(descriptor);
    }
    const end = content.indexOf('\n');
    const text = content.slice(end + 1);
    if (content.slice(0, end) !== checksum(text)) {
      return undefined;
    }
    noteUse(file);
    return text;
  } catch {
    return undefined;
  }
}

/** The time of an entry says when it was asked for, to the day. */
function noteUse(file: string): void {
  const now = Date.now();
  if (now - statSync(file).mtimeMs > dayMilliseconds) {
    utimesSync(file, now / 1000, now / 1000);
  }
}

function sweep(folder: string, mostBytes: number): void {
  const entries = readdirSync(folder)
    .flatMap((name) => {
      const file = join(folder, name);
      const found = statSync(file, { throwIfNoEntry: false });
      return found === undefined ? [] : [{ file, bytes: found.size, used: found.mtimeMs }];
    })
    .toSorted((left, right) => left.used - right.used);
  let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  if (bytes <= mostBytes) {
    return;
  }
  for (const entry of entries) {
    if (bytes <= mostBytes * keptShare) {
      return;
    }
    rmSync(entry.file, { force: true });
    bytes -= entry.bytes;
  }
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
