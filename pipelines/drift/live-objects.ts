import { stringIn, type JsonObject } from '../../policies/core/json.ts';
import { groupOf } from '../compare/manifest.ts';
import type { LiveKind, LiveState, WantedKind } from './live.ts';
import { createPacker, unpack, type Packed } from './packed.ts';

/** A live state of objects at hand, which are packed; every wanted kind counts as listed, an absent one as empty. */
export function liveObjects(cluster: string, objects: Iterable<JsonObject>): LiveState {
  const pack = createPacker();
  const byKind = new Map<string, Packed[]>();
  for (const object of objects) {
    const key = kindKey(stringIn(object, 'apiVersion') ?? '', stringIn(object, 'kind') ?? '');
    const same = byKind.get(key) ?? [];
    same.push(pack(object));
    byKind.set(key, same);
  }
  return { cluster, kinds: (wanted) => listed(wanted, byKind) };
}

/** What objects of one kind share whatever their version. */
function kindKey(apiVersion: string, kind: string): string {
  return `${groupOf(apiVersion)}/${kind}`;
}

async function* listed(
  wanted: readonly WantedKind[],
  byKind: ReadonlyMap<string, readonly Packed[]>,
): AsyncGenerator<LiveKind> {
  for (const { apiVersion, kind } of wanted) {
    const objects = byKind.get(kindKey(apiVersion, kind)) ?? [];
    yield await Promise.resolve({ apiVersion, kind, objects: oneByOne(objects) });
  }
}

async function* oneByOne(objects: readonly Packed[]): AsyncGenerator<JsonObject> {
  for (const object of objects) {
    yield await Promise.resolve(unpack(object));
  }
}
