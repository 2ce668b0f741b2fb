/* oxlint-disable jest/valid-describe-callback, jest/valid-title, jest/no-disabled-tests -- this
   helper decides whether a suite runs, so it passes its name and body on */
import { describe } from '@jest/globals';

/** A `describe` that is skipped, with the reason in its name, where something is missing. */
export function describeWith(missing: string | undefined, name: string, body: () => void): void {
  if (missing === undefined) {
    describe(name, body);
  } else {
    describe.skip(`${name} [skipped: ${missing}]`, body);
  }
}
