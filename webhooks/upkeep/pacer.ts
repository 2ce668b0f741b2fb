import type { Clock } from '../clock.ts';

/** How long each thing has to wait until it may be done again. */
export interface Pacer {
  /** Milliseconds; 0: now. */
  wait(name: string): number;
  did(name: string): void;
}

const first = 1000;
const longest = 5 * 60_000;
const forgottenAfter = 10 * 60_000;

/** Lets a thing be done at once, then after 1 s, 2 s, 4 s, up to five minutes; after ten quiet minutes at once again. */
export function createPacer(clock: Pick<Clock, 'elapsed'>): Pacer {
  const known = new Map<string, { readonly at: number; readonly pause: number }>();
  return {
    wait(name) {
      const before = known.get(name);
      return before === undefined ? 0 : Math.max(0, before.at + before.pause - clock.elapsed());
    },
    did(name) {
      const at = clock.elapsed();
      const before = known.get(name);
      const isQuiet = before === undefined || at - before.at >= forgottenAfter;
      known.set(name, { at, pause: isQuiet ? first : Math.min(before.pause * 2, longest) });
    },
  };
}
