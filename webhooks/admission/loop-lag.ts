/** How late the event loop is. */
export interface LoopLag {
  /** The most that it was late in the last second that was measured. */
  readonly seconds: () => number;
  /** Whether it has been so late for so long that reviews are better sent to another replica. */
  readonly isOverloaded: () => boolean;
  readonly stop: () => void;
}

const tickMilliseconds = 100;
const ticksInWindow = 10;
const heavyMilliseconds = 1_000;
const windowsToOverload = 5;

/** Measures how late the event loop is, by how late a timer is, until it is stopped. */
export function watchLoopLag(): LoopLag {
  let expected = performance.now() + tickMilliseconds;
  let ticks = 0;
  let worst = 0;
  let shown = 0;
  let heavyWindows = 0;

  function tick(): void {
    const now = performance.now();
    worst = Math.max(worst, now - expected);
    expected = now + tickMilliseconds;
    ticks += 1;
    if (ticks === ticksInWindow || worst > heavyMilliseconds) {
      heavyWindows = worst > heavyMilliseconds ? heavyWindows + 1 : 0;
      shown = worst;
      ticks = 0;
      worst = 0;
    }
  }
  const ticking = setInterval(tick, tickMilliseconds);
  ticking.unref();
  return {
    seconds: () => Math.max(shown, worst) / 1000,
    isOverloaded: () => heavyWindows >= windowsToOverload,
    stop() {
      clearInterval(ticking);
    },
  };
}
