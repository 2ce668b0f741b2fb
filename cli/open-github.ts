import { setTimeout as sleep } from 'node:timers/promises';
import { createGitHub, publicGitHub, type GitHub } from '../pipelines/source/github.ts';
import type { GitHubEnvironment } from './environment.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

const longestMilliseconds = 30 * 60_000;

/** A client with the token of the environment. Throws a UsageError where there is none; `may` says what it is for. */
export function openGitHub(
  { token, url }: GitHubEnvironment,
  terminal: Terminal,
  may: string,
): GitHub {
  if (token === '') {
    throw new UsageError(`set GITHUB_TOKEN to a token that may ${may}`);
  }
  return createGitHub({
    baseUrl: url === '' ? publicGitHub : url,
    credentials: { token },
    clock: { now: () => terminal.now(), sleep: (milliseconds) => sleep(milliseconds) },
    deadline: terminal.now() + longestMilliseconds,
  });
}
