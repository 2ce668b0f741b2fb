import { describe, expect, test } from '@jest/globals';
import { askForDrift, touchedDrift, type AskDrift } from '../../pipelines/review-drift.ts';
import type { ObjectChange } from '../../pipelines/compare/changes.ts';

const change = (name: string, parts: Partial<ObjectChange> = {}): ObjectChange => ({
  object: {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    namespace: 'shop',
    name,
  },
  change: 'changed',
  fields: [],
  ...parts,
});

const report = (cluster: string, ...names: readonly string[]) => ({
  version: 1,
  cluster,
  drifts: names.map((name) => ({ object: `DestinationRule shop/${name}`, verdict: 'changed' })),
});

async function ask(by: AskDrift, changes: readonly ObjectChange[], milliseconds = 10_000) {
  return await touchedDrift(askForDrift(by, milliseconds), changes);
}

describe('what the drift gate says of a change', () => {
  test('are the objects that the change touches, under their new name and their old one', async () => {
    const changes = [change('a'), change('c', { change: 'renamed', previousName: 'b' })];
    expect(await ask(() => Promise.resolve(report('prod', 'a', 'b', 'x')), changes)).toEqual({
      touched: [{ cluster: 'prod', objects: ['DestinationRule shop/a', 'DestinationRule shop/b'] }],
    });
  });

  test('is said of each cluster of a fleet that has any', async () => {
    const fleet = { version: 1, clusters: [report('prod', 'a'), report('test', 'x')] };
    expect(await ask(() => Promise.resolve(fleet), [change('a')])).toEqual({
      touched: [{ cluster: 'prod', objects: ['DestinationRule shop/a'] }],
    });
  });

  test('is nothing of what could not be told', async () => {
    const unknown = report('prod', 'a').drifts.map((drift) => ({ ...drift, verdict: 'unknown' }));
    const answer = { cluster: 'prod', drifts: unknown };
    expect(await ask(() => Promise.resolve(answer), [change('a')])).toEqual({ touched: [] });
  });

  test.each([
    ['fails', () => Promise.reject(new Error('the function drift failed: boom')), 'boom'],
    ['answers something else', () => Promise.resolve('hello'), 'no report'],
    ['answers nothing', () => Promise.resolve(undefined), 'no report'],
    ['is silent', () => new Promise<never>(() => undefined), 'no answer within 20 ms'],
  ])('is a problem for the log where the function %s', async (_name, by, problem) => {
    expect(await ask(by, [change('a')], 20)).toEqual({
      problem: expect.stringContaining(problem),
    });
  });

  test('is nothing where nobody was asked', async () => {
    expect(await touchedDrift(undefined, [change('a')])).toEqual({ touched: [] });
  });
});
