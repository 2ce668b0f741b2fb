import type { JsonObject } from '../../policies/core/json.ts';
import { liveObjects } from '../drift/live-objects.ts';
import type { LiveState } from '../drift/live.ts';
import { dumpSchema } from '../render/dump-schema.ts';
import { listItems } from '../render/list-items.ts';
import { readObjects, type InputError } from '../render/manifests.ts';
import { findFiles } from './find-files.ts';
import { decodeText, readText, type TextReading } from './read-text.ts';

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
  const input = path === '-' ? decodeText(await readInput()) : undefined;
  const live = liveObjects(path, dumpedObjects(path, input, problems));
  return problems.length > 0 ? { problems } : { live: { ...live, hasSecrets: true } };
}

/** The objects one by one, so that neither all texts nor all objects are held at once. */
function* dumpedObjects(
  path: string,
  input: TextReading | undefined,
  problems: InputError[],
): Generator<JsonObject> {
  if (input !== undefined) {
    yield* objectsOf('<stdin>', input, problems);
    return;
  }
  const found = findFiles([path], () => false);
  problems.push(...found.errors);
  for (const { file } of found.files) {
    yield* objectsOf(file, readText(file), problems);
  }
}

function* objectsOf(
  file: string,
  reading: TextReading,
  problems: InputError[],
): Generator<JsonObject> {
  if ('problem' in reading) {
    problems.push({ file, line: 1, text: reading.problem });
    return;
  }
  let given = 0;
  for (const item of listItems(reading.text) ?? [reading.text]) {
    const { objects, errors } = readObjects(file, item, dumpSchema);
    if (errors.length > 0) {
      const whole = readObjects(file, reading.text, dumpSchema);
      problems.push(...whole.errors);
      yield* whole.objects.slice(given).map(({ object }) => object);
      return;
    }
    given += objects.length;
    yield* objects.map(({ object }) => object);
  }
}
