import { expect, test } from '@jest/globals';
import { createTurns } from '../../../pipelines/source/turns.ts';

test('work waits for its turn, in order, and what fails gives its turn back', async () => {
  const inTurn = createTurns(2);
  const begun: number[] = [];
  const gates = [0, 1, 2, 3].map(() => Promise.withResolvers<undefined>());
  const all = gates.map(({ promise }, index) =>
    inTurn(async () => {
      begun.push(index);
      await promise;
      return index;
    }),
  );
  await Promise.resolve();
  expect(begun).toEqual([0, 1]);
  gates[1]?.reject(new Error('on purpose'));
  await expect(all[1]).rejects.toThrow('on purpose');
  expect(begun).toEqual([0, 1, 2]);
  for (const { resolve } of gates) {
    resolve(undefined);
  }
  expect(await Promise.allSettled(all)).toMatchObject([
    { value: 0 },
    { status: 'rejected' },
    { value: 2 },
    { value: 3 },
  ]);
});
