import { stringIn, type JsonObject } from '../../policies/core/json.ts';
import { equalJson } from '../../policies/core/patch.ts';
import type { RenderedObject, RenderedRoot } from '../render/rendered.ts';
import type { RenderedState } from './rendered-state.ts';

/** One of the objects that a root makes; keeps its place through edits that add and remove no object. */
export interface Slot {
  readonly key: string;
  readonly index: number;
}

/** An object that an edit changes. */
export interface ChangedObject {
  readonly slot: Slot;
  readonly before: JsonObject;
  readonly after: JsonObject;
}

/** Where an object of a state stands, told by its identity. */
export function findSlot({ roots }: RenderedState, object: JsonObject): Slot | undefined {
  for (const { key, result } of roots) {
    const index =
      'objects' in result ? result.objects.findIndex((made) => made.object === object) : -1;
    if (index >= 0) {
      return { key, index };
    }
  }
  return undefined;
}

/** The object at a place. */
export function objectAt(
  { roots }: RenderedState,
  { key, index }: Slot,
): RenderedObject | undefined {
  const result = roots.find((root) => root.key === key)?.result;
  return result !== undefined && 'objects' in result ? result.objects[index] : undefined;
}

/** What differs between two states; undefined where more differs than fields of objects, or something cannot be rendered. */
export function changedObjects(
  before: RenderedState,
  after: RenderedState,
): readonly ChangedObject[] | undefined {
  const now = new Map(after.roots.map(({ key, result }) => [key, result]));
  if (now.size !== new Set(before.roots.map(({ key }) => key)).size) {
    return undefined;
  }
  const changed: ChangedObject[] = [];
  for (const { key, result } of before.roots) {
    const made = now.get(key);
    const own = made === undefined ? undefined : changedIn(key, result, made);
    if (own === undefined) {
      return undefined;
    }
    changed.push(...own);
  }
  return changed;
}

function changedIn(
  key: string,
  before: RenderedRoot,
  after: RenderedRoot,
): readonly ChangedObject[] | undefined {
  if (before === after) {
    return [];
  }
  if ('problem' in before || 'problem' in after) {
    return problemOf(before) === problemOf(after) ? [] : undefined;
  }
  const pairs = before.objects.map(({ object }, index) => ({
    slot: { key, index },
    before: object,
    after: after.objects[index]?.object ?? {},
  }));
  const isSame =
    before.objects.length === after.objects.length &&
    pairs.every((pair) => nameOf(pair.before) === nameOf(pair.after));
  return isSame ? pairs.filter((pair) => !equalJson(pair.before, pair.after)) : undefined;
}

function problemOf(result: RenderedRoot): string | undefined {
  return 'problem' in result ? result.problem : undefined;
}

function nameOf(object: JsonObject): string {
  return JSON.stringify([
    object['kind'],
    stringIn(object, 'metadata', 'namespace'),
    stringIn(object, 'metadata', 'name'),
  ]);
}
