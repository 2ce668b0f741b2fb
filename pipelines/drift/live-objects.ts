import { stringIn, type JsonObject } from '../../policies/core/json.ts';
import { groupOf } from '../compare/manifest.ts';
import type { LiveKind, LiveState, WantedKind } from './live.ts';

/** A live state of objects at hand; every wanted kind counts as listed, an absent one as empty. */
export function liveObjects(cluster: string, objects: readonly JsonObject[]): LiveState {
  const byKind = Map.groupBy(objects, (object) =>
    kindKey(stringIn(object, 'apiVersion') ?? '', stringIn(object, 'kind') ?? ''),
  );
  return { cluster, kinds: (wanted) => listed(wanted, byKind) };
}

/** What objects of one kind share whatever their version. */
function kindKey(apiVersion: string, kind: string): string {
  return `${groupOf(apiVersion)}/${kind}`;
}

async function* listed(
  wanted: readonly WantedKind[],
  byKind: ReadonlyMap<string, readonly JsonObject[]>,
): AsyncGenerator<LiveKind> {
  for (const { apiVersion, kind } of wanted) {
    const objects = byKind.get(kindKey(apiVersion, kind)) ?? [];
    yield await Promise.resolve({ apiVersion, kind, objects: oneByOne(objects) });
  }
}

async function* oneByOne(objects: readonly JsonObject[]): AsyncGenerator<JsonObject> {
  for (const object of objects) {
    yield await Promise.resolve(object);
  }
}
