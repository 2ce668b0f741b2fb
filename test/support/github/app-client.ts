import { createGitHub, type GitHub } from '../../../pipelines/source/github.ts';
import type { Clock } from '../../../pipelines/source/github-pacing.ts';
import type { GitHubDouble } from './double.ts';
import { servedApp } from './state.ts';

const usualMilliseconds = 600_000;

/** A client of a double, as the App's installation there. */
export function appClient(
  double: GitHubDouble,
  clock: Clock,
  deadline = clock.now() + usualMilliseconds,
): GitHub {
  return createGitHub({
    baseUrl: double.url,
    credentials: {
      appId: String(servedApp.id),
      privateKey: double.privateKey,
      installationId: servedApp.installation,
    },
    clock,
    deadline,
  });
}
