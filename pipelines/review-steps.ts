/** What a step of a review took. */
export interface ReviewStep {
  readonly name: 'reading' | 'rendering' | 'judging' | 'comparing' | 'proving fixes';
  readonly milliseconds: number;
}

/** Measures one step after the other. */
export interface Stopwatch {
  /** The step that began with the end of the one before is done. */
  lap(name: ReviewStep['name']): void;
  readonly steps: readonly ReviewStep[];
}

/** Starts to measure, in milliseconds that go by. */
export function startStopwatch(elapsed: () => number): Stopwatch {
  const steps: ReviewStep[] = [];
  let last = elapsed();
  return {
    lap(name) {
      const now = elapsed();
      steps.push({ name, milliseconds: Math.round(now - last) });
      last = now;
    },
    steps,
  };
}
