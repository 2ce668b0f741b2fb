/* oxlint-disable jest/valid-describe-callback, jest/valid-title, jest/no-disabled-tests -- these
   helpers decide whether a suite runs, so they pass its name and body on */
import { describe, test } from '@jest/globals';
import { readToolEnvironment } from '../../tools/install/environment.ts';
import { findClusterBinaries } from './binaries.ts';

/**
 * A `describe` that needs a test cluster. Without the binaries it is skipped with the reason in its
 * name; when CI is set that is a failure instead.
 */
export function describeWithCluster(name: string, body: () => void): void {
  const found = findClusterBinaries();
  if (!('missing' in found)) {
    describe(name, body);
    return;
  }
  if (readToolEnvironment().ci) failOnce(name, found.missing);
  describe.skip(`${name} [skipped: ${found.missing}]`, body);
}

/** The same for what needs something more: `missing` says what is not there, undefined when all is. */
export function describeWithClusterAnd(
  missing: string | undefined,
  name: string,
  body: () => void,
): void {
  if (missing === undefined) describeWithCluster(name, body);
  else describe.skip(`${name} [skipped: ${missing}]`, body);
}

function failOnce(name: string, missing: string): void {
  test(`${name} has its binaries`, () => {
    throw new Error(missing);
  });
}
