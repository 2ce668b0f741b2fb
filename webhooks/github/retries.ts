/** Things that failed and are tried again later. */
export interface Retries<T> {
  /** Plans another attempt; false where there have been enough. */
  later(item: T): boolean;
  /** Forgets the failures of what has gone well. */
  forget(item: T): void;
  /** Gives up what is planned. */
  stop(): void;
}

/** Plans attempts after so long each time. */
export function createRetries<T>(
  waitsMilliseconds: readonly number[],
  again: (item: T) => void,
): Retries<T> {
  const failures = new Map<T, number>();
  const timers = new Set<NodeJS.Timeout>();
  return {
    later(item) {
      const failed = failures.get(item) ?? 0;
      const wait = waitsMilliseconds[failed];
      if (wait === undefined) {
        failures.delete(item);
        return false;
      }
      failures.set(item, failed + 1);
      const timer = setTimeout(() => {
        timers.delete(timer);
        again(item);
      }, wait);
      timers.add(timer);
      return true;
    },
    forget: (item) => void failures.delete(item),
    stop() {
      for (const timer of timers) {
        clearTimeout(timer);
      }
    },
  };
}
