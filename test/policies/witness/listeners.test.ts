import { expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe-with.ts';
import { readTestEnvironment } from '../../support/environment.ts';
import { findOracle } from '../../support/oracle.ts';
import { randomListenerMesh } from './random-listeners.ts';
import { disagreements } from './seen-listeners.ts';

const oracle = findOracle();
const program = 'program' in oracle ? oracle.program : '';
const missing = 'missing' in oracle ? oracle.missing : undefined;

// MESHGATE_RANDOM_MESHES=5000 npx jest test/policies/witness/listeners.test.ts draws that many meshes instead of 200.
const meshes = readTestEnvironment().randomMeshes ?? 200;
const longestMeshMilliseconds = 3000;

/** What a run must have compared to mean anything, for each mesh. */
const fewestComparisons = 5;

describeWith(missing, "a client's outbound listeners in random meshes", () => {
  test(
    'are those that istiod makes, lose the hosts that we name, and lead to what we say is seen',
    async () => {
      const seeds = Array.from({ length: meshes }, (_, index) => index + 1);
      const found: unknown[] = [];
      let compared = 0;
      const compareNext = async (): Promise<void> => {
        for (let seed = seeds.pop(); seed !== undefined; seed = seeds.pop()) {
          const result = await disagreements(program, randomListenerMesh(seed));
          compared += result.compared;
          found.push(...result.differences.map((difference) => ({ seed, difference })));
        }
      };
      await Promise.all([compareNext(), compareNext()]);
      expect(found).toEqual([]);
      expect(compared).toBeGreaterThan(meshes * fewestComparisons);
    },
    60_000 + meshes * longestMeshMilliseconds,
  );
});
