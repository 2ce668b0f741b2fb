/** What is read of jest's `--json` output; https://jestjs.io/docs/configuration#testresultsprocessor-string. */
export interface JestResult {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  /** Test files that did not come as far as running a test. */
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** How a run ended: `line` is the last line of the output, each problem is a reason to fail. */
export interface TestSummary {
  readonly line: string;
  readonly problems: readonly string[];
}

/** Inputs from outside the repository, which a machine of continuous integration may lack too. */
const optionalInputs: readonly string[] = ['MESHGATE_SHARED', 'ISTIO_ORACLE'];

/**
 * Counts passed, failed and skipped tests; a test file that cannot run counts as one failed test.
 * With `ci` a skipped test is a problem, unless its name cites an optional input as the reason.
 */
export function summarize(result: JestResult | undefined, ci: boolean): TestSummary {
  if (result === undefined) {
    return { line: '0 passed, 1 failed', problems: ['jest ended without a result'] };
  }
  const passed = result.numPassedTests;
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  const skipped = result.numPendingTests + result.numTodoTests;
  const problems: string[] = [];
  if (failed > 0) problems.push(`${failed} failed`);
  if (passed + failed === 0) problems.push('no test ran');
  if (ci) problems.push(...forbiddenSkips(result));
  const counts = `${passed} passed, ${failed} failed`;
  return { line: skipped === 0 ? counts : `${counts}, ${skipped} skipped`, problems };
}

function forbiddenSkips(result: JestResult): readonly string[] {
  return result.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status !== 'passed' && status !== 'failed')
      .filter(({ fullName }) => !optionalInputs.some((input) => fullName.includes(input)))
      .map(({ fullName }) => `skipped in continuous integration: ${name}: ${fullName}`),
  );
}
