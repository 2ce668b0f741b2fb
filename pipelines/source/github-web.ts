import type { GitHubRepository } from './github-pull.ts';
import { publicGitHub, type GitHub } from './github.ts';

/** Where people see a repository. */
export function webAddress({ baseUrl }: Pick<GitHub, 'baseUrl'>, place: GitHubRepository): string {
  const origin =
    baseUrl === publicGitHub ? 'https://github.com' : baseUrl.replace(/\/api\/v3$/u, '');
  return `${origin}/${place.owner}/${place.repo}`;
}

/** Where people see a line of a file at a commit. */
export function lineAddress(web: string, commit: string): (file: string, line: number) => string {
  return (file, line) => {
    const path = file.split('/').map(encodeURIComponent).join('/');
    return `${web}/blob/${commit}/${path}#L${String(line)}`;
  };
}
