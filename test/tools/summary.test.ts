import { describe, expect, test } from '@jest/globals';
import { summarize, type JestResult } from '../../tools/test/summary.ts';

const none: JestResult = {
  numPassedTests: 0,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  numRuntimeErrorTestSuites: 0,
  testResults: [],
};

function skipped(fullName: string): JestResult {
  const assertionResults = [{ fullName, status: 'pending' }];
  return {
    ...none,
    numPassedTests: 3,
    numPendingTests: 1,
    testResults: [{ name: 'a.test.ts', assertionResults }],
  };
}

describe('summarize', () => {
  test('counts', () => {
    expect(summarize({ ...none, numPassedTests: 3 }, true)).toEqual({
      line: '3 passed, 0 failed',
      problems: [],
    });
  });

  test('a file that cannot run is a failure', () => {
    const result = { ...none, numPassedTests: 3, numFailedTests: 1, numRuntimeErrorTestSuites: 1 };
    expect(summarize(result, false)).toEqual({
      line: '3 passed, 2 failed',
      problems: ['2 failed'],
    });
  });

  test('no test is a failure', () => {
    expect(summarize(none, false)).toEqual({
      line: '0 passed, 0 failed',
      problems: ['no test ran'],
    });
  });

  test('no result is a failure', () => {
    expect(summarize(undefined, false).problems).toEqual(['jest ended without a result']);
  });

  test('a skipped test is a failure in continuous integration only', () => {
    const result = skipped('the cluster [skipped: no etcd]');
    expect(summarize(result, false)).toEqual({
      line: '3 passed, 0 failed, 1 skipped',
      problems: [],
    });
    expect(summarize(result, true).problems).toEqual([
      'skipped in continuous integration: a.test.ts: the cluster [skipped: no etcd]',
    ]);
  });

  test.each(['MESHGATE_SHARED', 'ISTIO_ORACLE'])('a test without %s may be skipped', (name) => {
    expect(summarize(skipped(`cases [skipped: no such file (${name})]`), true).problems).toEqual(
      [],
    );
  });
});
