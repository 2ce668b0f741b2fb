import type { JsonObject } from '../../policies/core/json.ts';
import { liveObjects } from '../drift/live-objects.ts';
import type { LiveState } from '../drift/live.ts';
import { dumpSchema } from '../render/dump-schema.ts';
import { readObjects, type InputError } from '../render/manifests.ts';
import { findFiles } from './find-files.ts';
import { decodeText, readText } from './read-text.ts';

/** A saved state of a cluster, or everything that is wrong with it. */
export type DumpReading =
  { readonly live: LiveState } | { readonly problems: readonly InputError[] };

/**
 * Reads a dump as `kubectl get -o yaml` and `-o json` write it, with or without managedFields: a file, a folder of them,
 * or `-` for the standard input. Never throws.
 */
export async function readDump(
  path: string,
  readInput: () => Promise<Buffer>,
): Promise<DumpReading> {
  const problems: InputError[] = [];
  const objects: JsonObject[] = [];
  function take(file: string, reading: ReturnType<typeof readText>): void {
    if ('problem' in reading) {
      problems.push({ file, line: 1, text: reading.problem });
      return;
    }
    const read = readObjects(file, reading.text, dumpSchema);
    problems.push(...read.errors);
    for (const { object } of read.objects) {
      objects.push(object);
    }
  }
  if (path === '-') {
    take('<stdin>', decodeText(await readInput()));
  } else {
    const found = findFiles([path], () => false);
    problems.push(...found.errors);
    for (const { file } of found.files) {
      take(file, readText(file));
    }
  }
  return problems.length > 0
    ? { problems }
    : { live: { ...liveObjects(path, objects), hasSecrets: true } };
}
