import { setFlagsFromString } from 'node:v8';

/** By how much V8 lets its young generation grow at a time. */
const defaultGrowth = 2;

/**
 * Keeps V8's young generation at the few megabytes that it has by now. A command that reads files and ends keeps
 * nearly all that it reads: growing would copy that twice, and hold a hundred megabytes of what was copied.
 */
export function keepYoungGenerationSmall(): void {
  setGrowth(1);
}

/** Undoes it, since V8 stamps the code that is kept for the next run with its flags. */
export function letYoungGenerationGrow(): void {
  setGrowth(defaultGrowth);
}

function setGrowth(factor: number): void {
  setFlagsFromString(`--semi-space-growth-factor=${String(factor)}`);
}
