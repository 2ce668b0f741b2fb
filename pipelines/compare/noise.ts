import { equalJson } from '../../policies/core/patch.ts';
import {
  isObject,
  member,
  objectIn,
  type Json,
  type JsonObject,
} from '../../policies/core/json.ts';

/** Written by the API server, never by an author. */
const serverMetadata = new Set([
  'managedFields',
  'generation',
  'resourceVersion',
  'uid',
  'selfLink',
  'creationTimestamp',
]);
const serverAnnotations = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deployment.kubernetes.io/revision',
]);
/** Written by charts, and different with every release of them. */
const chartLabels = new Set(['helm.sh/chart', 'app.kubernetes.io/version']);
const chartAnnotations = /^checksum\//u;

/** Where an object holds metadata: its own, and that of the objects that it makes. */
const metadataPlaces: readonly (readonly string[])[] = [
  [],
  ['spec', 'template'],
  ['spec', 'jobTemplate'],
  ['spec', 'jobTemplate', 'spec', 'template'],
];

/**
 * The object without what says nothing about an author's intent: status, the server's bookkeeping, and the labels and
 * annotations that charts stamp with each release. Shares everything else with `object`, which stays as it is.
 */
export function withoutNoise(object: JsonObject): JsonObject {
  let tidy = withoutKeys(object, (key) => key === 'status');
  for (const place of metadataPlaces) {
    tidy = replaceIn(tidy, [...place, 'metadata'], tidyMetadata);
  }
  return tidy;
}

/** How many labels and annotations differ that {@link withoutNoise} takes out because charts stamp them. */
export function countChartNoise(before: JsonObject, after: JsonObject): number {
  let count = 0;
  for (const place of metadataPlaces) {
    const left = chartStamps(before, place);
    const right = chartStamps(after, place);
    for (const key of new Set([...left.keys(), ...right.keys()])) {
      count += equalJson(left.get(key), right.get(key)) ? 0 : 1;
    }
  }
  return count;
}

function chartStamps(object: JsonObject, place: readonly string[]): ReadonlyMap<string, Json> {
  const stamps = new Map<string, Json>();
  for (const [key, value] of Object.entries(objectIn(object, ...place, 'metadata', 'labels'))) {
    if (chartLabels.has(key)) {
      stamps.set(`labels/${key}`, value);
    }
  }
  for (const [key, value] of Object.entries(
    objectIn(object, ...place, 'metadata', 'annotations'),
  )) {
    if (chartAnnotations.test(key)) {
      stamps.set(`annotations/${key}`, value);
    }
  }
  return stamps;
}

function tidyMetadata(metadata: JsonObject): JsonObject {
  const own = withoutKeys(metadata, (key) => serverMetadata.has(key));
  const labelled = replaceIn(
    own,
    ['labels'],
    (labels) => withoutKeys(labels, (key) => chartLabels.has(key)),
    true,
  );
  return replaceIn(
    labelled,
    ['annotations'],
    (annotations) =>
      withoutKeys(annotations, (key) => serverAnnotations.has(key) || chartAnnotations.test(key)),
    true,
  );
}

function withoutKeys(object: JsonObject, unwanted: (key: string) => boolean): JsonObject {
  if (!Object.keys(object).some(unwanted)) {
    return object;
  }
  return Object.fromEntries(Object.entries(object).filter(([key]) => !unwanted(key)));
}

/** Replaces the object at a path; one that `change` empties vanishes with `dropEmptied`. */
function replaceIn(
  object: JsonObject,
  path: readonly string[],
  change: (inner: JsonObject) => JsonObject,
  dropEmptied = false,
): JsonObject {
  const [key, ...rest] = path;
  if (key === undefined) {
    return change(object);
  }
  const inner = member(object, key);
  if (!isObject(inner)) {
    return object;
  }
  const changed = replaceIn(inner, rest, change, dropEmptied);
  if (changed === inner) {
    return object;
  }
  return dropEmptied && Object.keys(changed).length === 0
    ? withoutKeys(object, (other) => other === key)
    : { ...object, [key]: changed };
}
