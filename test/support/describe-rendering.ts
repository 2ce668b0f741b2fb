/* oxlint-disable jest/valid-describe-callback, jest/valid-title, jest/no-disabled-tests -- this
   helper decides whether a suite runs, so it passes its name and body on */
import { describe, test } from '@jest/globals';
import { findRenderer, missingRenderer } from '../../pipelines/render/wasm-module.ts';
import { readToolEnvironment } from '../../tools/install/environment.ts';

/** A `describe` that needs the renderer. Where it is not built it is skipped; with CI set that is a failure. */
export function describeRendering(name: string, body: () => void): void {
  if (findRenderer() !== undefined) {
    describe(name, body);
    return;
  }
  if (readToolEnvironment().ci) {
    test(name, () => {
      throw new Error(missingRenderer);
    });
  }
  describe.skip(`${name} [skipped: ${missingRenderer}]`, body);
}
