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
  readonly byDefault?: true;
  /** An element of an ordered list that Git states. */
  readonly isElement?: true;
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
  const { declared, live, stated, place } = node;
  if (isObject(declared) && isObject(live)) {
    for (const key of new Set([...Object.keys(declared), ...Object.keys(live)])) {
      compareMember(node, key, walk);
    }
  } else if (Array.isArray(declared) && Array.isArray(live)) {
    compareLists(node, declared as readonly Json[], live as readonly Json[], walk);
  } else if (!sameScalar(declared, live, place)) {
    const isDefault = stated === undefined || stated === null;
    walk.found.push({ kind: 'value', ...pairOf(node), ...(isDefault ? { byDefault: true } : {}) });
  }
}

function compareMember(node: Node, key: string, walk: Walk): void {
  const place = memberPlace(node.place, key);
  const declared = member(node.declared, key) ?? null;
  const live = member(node.live, key) ?? null;
  const stated = member(node.stated, key);
  const at = [...node.at, key];
  const atDeclared = [...node.atDeclared, key];
  if (declared !== null && live !== null) {
    compare({ declared, stated, live, at, atDeclared, place }, walk);
  } else if (live !== null && !isNothing(live, place)) {
    walk.found.push({ kind: 'added', at, live, place });
  } else if (live === null && stated !== undefined && !isNothing(stated, place)) {
    // A default that live lacks is one that this server does not have.
    walk.found.push({ kind: 'gone', at: atDeclared, atDeclared, declared: stated, place });
  }
}

function compareLists(
  node: Node,
  declared: readonly Json[],
  live: readonly Json[],
  walk: Walk,
): void {
  const { found } = walk;
  if (node.stated === undefined || node.stated === null) {
    // A default is one value, whatever it consists of.
    if (canonical(declared, node.place) !== canonical(live, node.place)) {
      found.push({ kind: 'value', ...pairOf(node), byDefault: true });
    }
    return;
  }
  const place = elementPlace(node.place);
  const { alignment, isOrdered } = alignmentOf(node, declared, live, walk.listKeys);
  const element = isOrdered ? ({ isElement: true } as const) : {};
  const pairAt = (index: number, other: number): Node => ({
    declared: declared[index] ?? null,
    stated: listItem(node.stated, index),
    live: live[other] ?? null,
    at: [...node.at, other],
    atDeclared: [...node.atDeclared, index],
    place,
  });
  for (const [index, other] of alignment.pairs.toSorted(([, left], [, right]) => left - right)) {
    compare(pairAt(index, other), walk);
  }
  for (const index of alignment.gone) {
    const at = [...node.atDeclared, index];
    const value = listItem(node.stated, index) ?? null;
    found.push({ kind: 'gone', at, atDeclared: at, declared: value, place, ...element });
  }
  for (const [index, other] of alignment.moved) {
    found.push({ kind: 'moved', ...pairOf(pairAt(index, other)), ...element });
  }
  for (const index of alignment.added) {
    const value = live[index] ?? null;
    found.push({ kind: 'added', at: [...node.at, index], live: value, place, ...element });
  }
}

/** What a difference tells of a node that is there on both sides. */
function pairOf({
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
): { readonly alignment: Alignment; readonly isOrdered: boolean } {
  const element = elementPlace(place);
  const textOf = (item: Json): string => canonical(item, element);
  if (place.shape?.set === true) {
    const matched = matchTexts(declared.map(textOf), live.map(textOf));
    return { alignment: { ...matched, moved: [] }, isOrdered: false };
  }
  const keys = place.shape?.keys ?? (place.shape === undefined ? listKeys(at) : undefined);
  const matched = keys === undefined ? undefined : matchKeyed(declared, live, keys, element.shape);
  return matched === undefined
    ? { alignment: alignLists(declared, live, textOf), isOrdered: true }
    : { alignment: { ...matched, moved: [] }, isOrdered: false };
}
