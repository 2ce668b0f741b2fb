import type { GitHubRepository } from './github-pull.ts';
import { publicGitHub, type GitHub } from './github.ts';

/** Where people see a repository. */
export function webAddress({ baseUrl }: Pick<GitHub, 'baseUrl'>, place: GitHubRepository): string {
  const origin =
    baseUrl === publicGitHub ? 'https://github.com' : baseUrl.replace(/\/api\/v3$/u, '');
  return `${origin}/${place.owner}/${place.repo}`;
}
