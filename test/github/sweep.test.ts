import { expect, test } from '@jest/globals';
import { createGitHub } from '../../pipelines/source/github.ts';
import { sweepDeliveries, type SweepOutcome } from '../../pipelines/sweep-deliveries.ts';
import { servedForEachTest } from '../support/github/each-test.ts';
import { servedApp } from '../support/github/state.ts';

const hour = 3_600_000;

const served = servedForEachTest();

async function sweep(): Promise<SweepOutcome> {
  const { double, clock } = served;
  const credentials = { appId: String(servedApp.id), privateKey: double.privateKey };
  const deadline = clock.now() + hour;
  return await sweepDeliveries(createGitHub({ baseUrl: double.url, credentials, clock, deadline }));
}

/** Attempts as `guid status hours-ago`, the newest first; ids are larger than a number can hold exactly. */
function attempt(...attempts: readonly string[]): void {
  for (const text of attempts) {
    const [guid = '', status, ago] = text.split(' ');
    const id = 9_007_199_254_740_993n + BigInt(served.double.state.deliveries.length * 2);
    const at = served.clock.now() - Number(ago) * hour;
    served.double.state.deliveries.push({ id, guid, at, status: Number(status) });
  }
}

test('what no attempt has brought through is delivered again, by its newest attempt', async () => {
  attempt('taken 202 1', 'failed 500 1', 'lost 0 2', 'mended 200 2', 'failed 0 3', 'mended 500 3');
  expect(await sweep()).toEqual({ redelivered: 2, givenUp: 0, problems: [] });
  expect(served.double.state.redelivered).toEqual(['9007199254740995', '9007199254740997']);
});

test('what is under way, too old, or failed too often is left', async () => {
  const hopeless = [1, 2, 3, 4, 5].map((ago) => `hopeless 500 ${String(ago)}`);
  attempt('fresh 0 0', ...hopeless, 'old 500 80');
  expect(await sweep()).toEqual({ redelivered: 0, givenUp: 1, problems: [] });
});

test('every page is read', async () => {
  attempt(...Array.from({ length: 250 }, (_, index) => `d${String(index)} 202 1`), 'last 502 2');
  expect(await sweep()).toMatchObject({ redelivered: 1 });
  expect(served.double.requests.filter((request) => request.endsWith('/deliveries'))).toHaveLength(
    3,
  );
});

test('one that GitHub refuses does not keep back the others', async () => {
  attempt('a 500 1', 'b 500 1');
  served.double.faults.add(/attempts$/u, { kind: 'status', status: 422, message: 'too old' });
  expect(await sweep()).toEqual({
    redelivered: 1,
    givenUp: 0,
    problems: [expect.stringMatching(/^a: .*too old/u)],
  });
});
