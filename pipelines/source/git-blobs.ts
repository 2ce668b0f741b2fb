import { once } from 'node:events';
import { startGit, type GitRepository } from './git.ts';

const lineEnd = 0x0a;

/**
 * Reads blobs in one git process and hands each to `visit` in the order of `ids`, holding few at a time. An id that
 * the repository lacks (a partial clone) is visited without bytes. Throws where git ends before it has answered.
 */
export async function readBlobs(
  repository: GitRepository,
  ids: readonly string[],
  visit: (id: string, bytes: Buffer | undefined) => void,
): Promise<void> {
  if (ids.length === 0) {
    return;
  }
  const git = startGit(repository, 'cat-file', '--batch');
  const ended = once(git, 'close');
  git.stdin.on('error', () => {
    // Git ended early; the missing answer tells.
  });
  git.stderr.resume();
  git.stdin.end(ids.map((id) => `${id}\n`).join(''));
  try {
    await readAnswers(git.stdout as AsyncIterable<Buffer>, ids, visit);
  } finally {
    git.kill('SIGKILL');
    await ended;
  }
}

/** Each answer is `<id> blob <length>\n<content>\n`, or `<id> missing\n`. */
async function readAnswers(
  stream: AsyncIterable<Buffer>,
  ids: readonly string[],
  visit: (id: string, bytes: Buffer | undefined) => void,
): Promise<void> {
  const waiting = ids.values();
  let next = waiting.next();
  let chunks: Buffer[] = [];
  let held = 0;
  let needed = 1;
  for await (const chunk of stream) {
    chunks.push(chunk);
    held += chunk.length;
    if (held < needed) {
      continue;
    }
    const buffer = Buffer.concat(chunks, held);
    let start = 0;
    while (next.done !== true) {
      const answer = readAnswer(buffer, start);
      if ('needed' in answer) {
        needed = answer.needed - start;
        break;
      }
      visit(next.value, answer.bytes);
      start = answer.end;
      next = waiting.next();
    }
    chunks = [buffer.subarray(start)];
    held = buffer.length - start;
  }
  if (next.done !== true) {
    throw new Error('git ended before it had read all files: run `git fsck` in the repository');
  }
}

function readAnswer(
  buffer: Buffer,
  start: number,
): { readonly bytes: Buffer | undefined; readonly end: number } | { readonly needed: number } {
  const end = buffer.indexOf(lineEnd, start);
  if (end < 0) {
    return { needed: buffer.length + 1 };
  }
  const [, type, size] = buffer.toString('latin1', start, end).split(' ');
  if (type !== 'blob') {
    return { bytes: undefined, end: end + 1 };
  }
  const length = Number(size);
  const after = end + 1 + length + 1;
  return after > buffer.length
    ? { needed: after }
    : { bytes: buffer.subarray(end + 1, after - 1), end: after };
}
