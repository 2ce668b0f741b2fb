import type { PullRequest } from './github-pull.ts';
import type { GitHub } from './github.ts';

/** Uploads a SARIF log for a pull request's head; `sarif` is gzipped and in Base64. The same log may come twice. */
export async function uploadSarif(
  github: GitHub,
  { owner, repo, number, head }: PullRequest,
  sarif: string,
): Promise<void> {
  await github.request('POST /repos/{owner}/{repo}/code-scanning/sarifs', {
    owner,
    repo,
    commit_sha: head,
    ref: `refs/pull/${String(number)}/head`,
    sarif,
    tool_name: 'meshgate',
    request: { repeatable: true },
  });
}
