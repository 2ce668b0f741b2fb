import type { Json, JsonObject } from '../../../policies/core/json.ts';

/** A value that the server fills in where there is none: fixed, or what it makes of the parent and the whole object. */
export type Fallback = Json | ((parent: JsonObject, root: JsonObject) => Json | undefined);

/** What is known of one field of a kind. */
export interface Facets {
  readonly fallback?: Fallback;
  /** The list is keyed by these fields; without them and without `set`, a list is one ordered value. */
  readonly keys?: readonly string[];
  /** The list is a set of scalars. */
  readonly set?: true;
  /** How a scalar is written does not count, only what it means. */
  readonly type?: 'quantity' | 'duration' | 'go-duration';
  /** False, 0, '' or {} is stored where it was written, although the kind leaves such values out. */
  readonly kept?: true;
  /** The server gives the value where Git is silent. */
  readonly assigned?: true;
}

/**
 * Facets by path from some object: members by name, `[]` for each element of a list, `*` for each value of a map.
 * Defaults of one object are filled in the order of the table.
 */
export type ShapeTable = Readonly<Record<string, Facets>>;

/** A field with what is known below it. */
export interface Shape extends Facets {
  readonly members: ReadonlyMap<string, Shape>;
  /** Of every element of a list, or every value of a map. */
  readonly each?: Shape;
}

/** The facet of a default. */
export function fallback(value: Fallback): Facets {
  return { fallback: value };
}

/** The facet of a list whose elements are told apart by these fields. */
export function keyed(...keys: readonly string[]): Facets {
  return { keys };
}

/** The facet of a list of scalars without an order. */
export const unordered: Facets = { set: true };

/** The facet of a Kubernetes quantity. */
export const quantity: Facets = { type: 'quantity' };

/** The facet of a duration that is stored as it was written. */
export const duration: Facets = { type: 'duration' };

/** The facet of a value whose zero means something else than its absence. */
export const kept: Facets = { kept: true };

/** The facet of a value that the server assigns. */
export const assigned: Facets = { assigned: true };

/** The table with every path below `prefix`. */
export function below(prefix: string, table: ShapeTable): ShapeTable {
  return Object.fromEntries(
    Object.entries(table).map(([path, facets]) => [`${prefix}.${path}`, facets]),
  );
}

/** The same facet for several fields of one object. */
export function each(names: string, facets: Facets): ShapeTable {
  return Object.fromEntries(names.split(' ').map((name) => [name, facets]));
}

interface Growing extends Facets {
  members: Map<string, Growing>;
  each?: Growing;
}

/** The tree that a table describes. */
export function shapeFrom(table: ShapeTable): Shape {
  const root: Growing = { members: new Map() };
  for (const [path, facets] of Object.entries(table)) {
    let at = root;
    for (const step of path.replaceAll('[]', '.*').split('.')) {
      at = child(at, step);
    }
    Object.assign(at, facets);
  }
  return root;
}

function child(parent: Growing, step: string): Growing {
  if (step === '*') {
    parent.each ??= { members: new Map() };
    return parent.each;
  }
  const known = parent.members.get(step);
  if (known !== undefined) {
    return known;
  }
  const made: Growing = { members: new Map() };
  parent.members.set(step, made);
  return made;
}
