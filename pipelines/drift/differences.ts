import { isObject, member, type Json, type JsonObject } from '../../policies/core/json.ts';
import { alignLists, type Alignment } from './align.ts';
import { canonical, sameScalar } from './canonical.ts';
import { matchKeyed, matchTexts } from './keyed-lists.ts';
import { elementPlace, isNothing, memberPlace, type Place } from './place.ts';

/** Keys and indexes from the root of an object. */
export type Path = readonly (string | number)[];

/** One place where two states differ, at the highest node that differs as a whole. */
export interface Difference {
  readonly kind: 'value' | 'gone' | 'added' | 'moved';
  /** In the live object; of what is gone, in the declared one. */
  readonly at: Path;
  /** In the declared object; absent for what was added. */
  readonly atDeclared?: Path;
  readonly declared?: Json;
  readonly live?: Json;
  /** Git does not state the value but relies on the server's default. */
  readonly byDefault: boolean;
  /** An element of an ordered list that Git states. */
  readonly isElement: boolean;
  readonly place: Place;
}

/** The fields by which the elements of a live list are told apart, as far as its owners tell. */
export type ListKeys = (at: Path) => readonly string[] | undefined;

/** What stays the same during a comparison. */
interface Walk {
  readonly found: Difference[];
  readonly listKeys: ListKeys;
}

/** A node of both states; `stated` is the declared one before defaults were filled in. */
interface Node {
  readonly declared: Json;
  readonly stated: Json | undefined;
  readonly live: Json;
  readonly at: Path;
  readonly atDeclared: Path;
  readonly place: Place;
}

/** Where a declared object, its form with defaults and the live one differ; all of them {@link comparable}. */
export function findDifferences(
  stated: JsonObject,
  declared: JsonObject,
  live: JsonObject,
  place: Place,
  listKeys: ListKeys,
): readonly Difference[] {
  const found: Difference[] = [];
  compare({ declared, stated, live, at: [], atDeclared: [], place }, { found, listKeys });
  return found;
}

function compare(node: Node, walk: Walk): void {
  const { declared, live, stated, place, at, atDeclared } = node;
  if (isObject(declared) && isObject(live)) {
    compareObjects(node, declared, live, walk);
  } else if (Array.isArray(declared) && Array.isArray(live)) {
    compareLists(node, declared as readonly Json[], live as readonly Json[], walk);
  } else if (!sameScalar(declared, live, place)) {
    const byDefault = stated === undefined || stated === null;
    walk.found.push({
      kind: 'value',
      at,
      atDeclared,
      declared,
      live,
      byDefault,
      isElement: false,
      place,
    });
  }
}

function compareObjects(node: Node, declared: JsonObject, live: JsonObject, walk: Walk): void {
  const { found } = walk;
  for (const key of Object.keys(declared)) {
    const inner = declared[key] ?? null;
    const place = memberPlace(node.place, key);
    const other = member(live, key) ?? null;
    const stated = member(node.stated, key);
    const at = [...node.at, key];
    const atDeclared = [...node.atDeclared, key];
    if (other !== null) {
      if (inner !== null) {
        compare({ declared: inner, stated, live: other, at, atDeclared, place }, walk);
      } else if (!isNothing(other, place)) {
        found.push({ kind: 'added', at, live: other, byDefault: false, isElement: false, place });
      }
    } else if (stated !== undefined && !isNothing(inner, place)) {
      found.push({
        kind: 'gone',
        at: atDeclared,
        atDeclared,
        declared: stated,
        byDefault: false,
        isElement: false,
        place,
      });
    }
  }
  for (const key of Object.keys(live)) {
    const inner = live[key] ?? null;
    const place = memberPlace(node.place, key);
    if (!Object.hasOwn(declared, key) && !isNothing(inner, place)) {
      found.push({
        kind: 'added',
        at: [...node.at, key],
        live: inner,
        byDefault: false,
        isElement: false,
        place,
      });
    }
  }
}

function compareLists(
  node: Node,
  declared: readonly Json[],
  live: readonly Json[],
  walk: Walk,
): void {
  if (node.stated === undefined || node.stated === null) {
    // A default is one value, whatever it consists of.
    if (canonical(declared, node.place) !== canonical(live, node.place)) {
      walk.found.push({ ...whole(node), kind: 'value', byDefault: true, isElement: false });
    }
    return;
  }
  const place = elementPlace(node.place);
  const { alignment, isElement } = alignmentOf(node, declared, live, walk.listKeys);
  const { pairs, gone, added, moved } = alignment;
  const elementAt = (index: number | undefined, other: number | undefined): Node => ({
    declared: (index === undefined ? undefined : declared[index]) ?? null,
    stated: index === undefined ? undefined : listItem(node.stated, index),
    live: (other === undefined ? undefined : live[other]) ?? null,
    at: [...node.at, other ?? index ?? 0],
    atDeclared: [...node.atDeclared, index ?? other ?? 0],
    place,
  });
  for (const [index, other] of pairs.toSorted(([, left], [, right]) => left - right)) {
    compare(elementAt(index, other), walk);
  }
  for (const index of gone) {
    const { atDeclared, stated, declared: filled } = elementAt(index, undefined);
    const value = stated ?? filled;
    walk.found.push({
      ...{ kind: 'gone', at: atDeclared, atDeclared, declared: value, byDefault: false },
      ...{ isElement, place },
    });
  }
  for (const [index, other] of moved) {
    walk.found.push({
      ...whole(elementAt(index, other)),
      kind: 'moved',
      byDefault: false,
      isElement,
    });
  }
  for (const index of added) {
    const { at, live: value } = elementAt(undefined, index);
    walk.found.push({ kind: 'added', at, live: value, byDefault: false, isElement, place });
  }
}

function whole({
  declared,
  live,
  at,
  atDeclared,
  place,
}: Node): Pick<Difference, 'at' | 'atDeclared' | 'declared' | 'live' | 'place'> {
  return { at, atDeclared, declared, live, place };
}

function listItem(list: Json | undefined, index: number): Json | undefined {
  return Array.isArray(list) ? (list as readonly Json[])[index] : undefined;
}

function alignmentOf(
  { place, at }: Node,
  declared: readonly Json[],
  live: readonly Json[],
  listKeys: ListKeys,
): { readonly alignment: Alignment; readonly isElement: boolean } {
  const element = elementPlace(place);
  const textOf = (item: Json): string => canonical(item, element);
  if (place.shape?.set === true) {
    const matched = matchTexts(declared.map(textOf), live.map(textOf));
    return { alignment: { ...matched, moved: [] }, isElement: false };
  }
  const keys = place.shape?.keys ?? (place.shape === undefined ? listKeys(at) : undefined);
  const matched = keys === undefined ? undefined : matchKeyed(declared, live, keys);
  return matched === undefined
    ? { alignment: alignLists(declared, live, textOf), isElement: true }
    : { alignment: { ...matched, moved: [] }, isElement: false };
}
