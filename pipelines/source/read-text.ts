import { isAscii, isUtf8 } from 'node:buffer';
import { readFileSync, statSync, type Stats } from 'node:fs';

/** The largest file that is read: 32 MiB, twenty times the largest object that the API server stores. */
export const largestFileBytes = 32 * 1024 * 1024;

/** A file's text, or why it cannot be read. */
export type TextReading = { readonly text: string } | { readonly problem: string };

/** Reads a regular file as UTF-8 text. Never throws, and never opens what is not a regular file. */
export function readText(path: string): TextReading {
  try {
    const stats = statSync(path);
    const problem = unreadable(stats);
    return problem === undefined ? decodeText(readFileSync(path)) : { problem };
  } catch (error) {
    return { problem: describeSystemError(error) };
  }
}

/** Bytes as text: UTF-8 with or without a byte order mark, and no NUL. */
export function decodeText(bytes: Buffer): TextReading {
  if (bytes.length > largestFileBytes) {
    return { problem: tooLarge(bytes.length) };
  }
  const first = bytes.length < 2 ? 0 : bytes.readUInt16BE(0);
  if (first === 0xfeff || first === 0xfffe) {
    return { problem: 'the text is UTF-16: save it as UTF-8' };
  }
  if (bytes.includes(0)) {
    return { problem: 'a binary file, not YAML: it holds NUL bytes' };
  }
  if (isAscii(bytes)) {
    return { text: bytes.toString('latin1') };
  }
  if (!isUtf8(bytes)) {
    return { problem: 'the text is not UTF-8: save it as UTF-8' };
  }
  const text = bytes.toString('utf8');
  return { text: text.startsWith('\uFEFF') ? text.slice(1) : text };
}

/** What the system says of a file, in words. */
export function describeSystemError(error: unknown): string {
  const code = errorCode(error) ?? '';
  switch (code) {
    case 'ENOENT':
      return 'no such file or folder';
    case 'EACCES':
    case 'EPERM':
      return 'permission to read it is missing';
    case 'ELOOP':
      return 'a loop of symbolic links';
    case 'ENAMETOOLONG':
      return 'the path is too long';
    default:
      return `it cannot be read (${code === '' ? String(error) : code})`;
  }
}

/** The code of a system error, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  const known = typeof error === 'object' && error !== null && 'code' in error;
  return known ? String(error.code) : undefined;
}

function unreadable(stats: Stats): string | undefined {
  if (stats.isDirectory()) {
    return 'a folder where a file was expected';
  }
  if (!stats.isFile()) {
    return 'neither a file nor a folder (a pipe, socket or device): name - to read the standard input';
  }
  return stats.size > largestFileBytes ? tooLarge(stats.size) : undefined;
}

function tooLarge(bytes: number): string {
  const mebibytes = Math.ceil(bytes / 1024 / 1024);
  return `${String(mebibytes)} MiB is more than the 32 MiB that one file may have: split it or leave it out (files.ignore)`;
}
