/** Numbers that are the same on every run with the same seed. */
export interface Random {
  /** A whole number from 0 to `below` - 1. */
  next(below: number): number;
  /** One of the items. */
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
  /** The items in another order. */
  shuffle<Item>(items: readonly Item[]): Item[];
  /** True with this chance, from 0 to 1. */
  chance(probability: number): boolean;
}

/** A generator for tests (Mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  function fraction(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
  function next(below: number): number {
    return Math.floor(fraction() * below);
  }
  return {
    next,
    pick: (items) => items[next(items.length)] ?? items[0],
    shuffle(items) {
      const shuffled = [...items];
      for (let index = shuffled.length - 1; index > 0; index -= 1) {
        const other = next(index + 1);
        const kept = shuffled[index];
        shuffled[index] = shuffled[other] as (typeof shuffled)[number];
        shuffled[other] = kept as (typeof shuffled)[number];
      }
      return shuffled;
    },
    chance: (probability) => fraction() < probability,
  };
}
