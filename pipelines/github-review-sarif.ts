import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { builtinPolicies } from '../policies/core/builtin.ts';
import type { Rules } from './judge.ts';
import { sarifReport } from './present/sarif-report.ts';
import type { Review } from './review.ts';
import { describeGitHubError, statusOf } from './source/github-errors.ts';
import type { PullRequest } from './source/github-pull.ts';
import { uploadSarif } from './source/github-sarif.ts';
import type { GitHub } from './source/github.ts';

/** GitHub shows 5,000 results and refuses more than 25,000. */
const mostResults = 5000;

/**
 * Hands the findings of head to code scanning, what was there before among them, so that alerts close when they should.
 * Gives what could not be posted, for people.
 */
export async function postSarif(
  github: GitHub,
  pull: PullRequest,
  review: Review,
  { catalogue, version }: { readonly catalogue: Rules['catalogue']; readonly version: string },
): Promise<readonly string[]> {
  const log = sarifReport(
    {
      findings: [...review.introduced, ...review.remaining].slice(0, mostResults),
      errors: review.unreadable.map(({ path, text }) => ({ file: path, line: 1, text })),
    },
    { version, rules: [...catalogue, ...builtinPolicies] },
  );
  const packed = await promisify(gzip)(JSON.stringify(log));
  try {
    await uploadSarif(github, pull, packed.toString('base64'));
    return [];
  } catch (error) {
    if (![403, 404, 413, 422].includes(statusOf(error) ?? 0)) {
      throw error;
    }
    return [`The findings could not be handed to code scanning: ${describeGitHubError(error)}`];
  }
}
