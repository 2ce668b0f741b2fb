import type { DatabaseKind } from './database-kinds.ts';

/** The databases that a policy recognises: the built-in ones and those of its params. */
export type Databases = readonly DatabaseKind[];

/** By what a database is told, each with the place of the first one that it tells. */
export interface DatabaseIndex {
  readonly ports: ReadonlyMap<number, number>;
  readonly images: ReadonlyMap<string, number>;
  readonly words: ReadonlyMap<string, number>;
  readonly labels: ReadonlyMap<string, number>;
}

const indexes = new WeakMap<Databases, DatabaseIndex>();

/** The database that comes first in the list of those at some places. */
export function firstOf(
  databases: Databases,
  places: readonly (number | undefined)[],
): DatabaseKind | undefined {
  let least: number | undefined;
  for (const place of places) {
    if (place !== undefined && (least === undefined || place < least)) {
      least = place;
    }
  }
  return least === undefined ? undefined : databases[least];
}

/** The index of a list of databases, made once. */
export function indexOf(databases: Databases): DatabaseIndex {
  let index = indexes.get(databases);
  if (index === undefined) {
    index = {
      ports: firstPlaces(databases.map(({ ports }) => ports)),
      images: firstPlaces(databases.map(({ images }) => images)),
      words: firstPlaces(databases.map(({ words }) => words)),
      labels: firstPlaces(databases.map(({ labels }) => labels)),
    };
    indexes.set(databases, index);
  }
  return index;
}

function firstPlaces<Key>(lists: readonly (readonly Key[])[]): ReadonlyMap<Key, number> {
  const places = new Map<Key, number>();
  for (const [place, keys] of lists.entries()) {
    for (const key of keys) {
      places.set(key, places.get(key) ?? place);
    }
  }
  return places;
}
