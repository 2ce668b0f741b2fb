import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { listIn, objectIn, stringIn } from '../../../policies/core/json.ts';
import type { TestRepository } from '../git-repository.ts';
import { missing, page, refuse, type Answer, type Call } from './call.ts';
import { commentProblem } from './rules.ts';
import { servedRepository } from './state.ts';

function git(
  repository: TestRepository,
  args: readonly string[],
  { input, env = {} }: { readonly input?: string; readonly env?: Record<string, string> } = {},
): string {
  return execFileSync('git', [...args], {
    cwd: repository.directory,
    encoding: 'utf8',
    ...(input === undefined ? {} : { input }),
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    env: { PATH: repository.path, GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: '1', ...env },
  }).trim();
}

function resolves(repository: TestRepository, name: string): string | undefined {
  try {
    return git(repository, ['rev-parse', '--verify', '--quiet', name]);
  } catch {
    return undefined;
  }
}

function createTree({ state: { repository }, body }: Call): Answer {
  const folder = mkdtempSync(join(tmpdir(), 'meshgate-tree-'));
  const env = { GIT_INDEX_FILE: join(folder, 'index') };
  try {
    const base = stringIn(body, 'base_tree');
    if (base !== undefined) {
      git(repository, ['read-tree', base], { env });
    }
    for (const entry of listIn(body, 'tree')) {
      const content = stringIn(entry, 'content') ?? '';
      const sha = git(repository, ['hash-object', '-w', '--stdin'], { input: content });
      const place = `${stringIn(entry, 'mode') ?? ''},${sha},${stringIn(entry, 'path') ?? ''}`;
      git(repository, ['update-index', '--add', '--cacheinfo', place], { env });
    }
    return { status: 201, data: { sha: git(repository, ['write-tree'], { env }) } };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function createCommit({ state: { repository }, body }: Call): Answer {
  const parents = listIn(body, 'parents').flatMap((parent) =>
    typeof parent === 'string' ? ['-p', parent] : [],
  );
  const message = stringIn(body, 'message') ?? '';
  const author = objectIn(body, 'author');
  const env = {
    GIT_AUTHOR_NAME: stringIn(author, 'name') ?? '',
    GIT_AUTHOR_EMAIL: stringIn(author, 'email') ?? '',
    GIT_AUTHOR_DATE: stringIn(author, 'date') ?? '',
    GIT_COMMITTER_NAME: stringIn(author, 'name') ?? '',
    GIT_COMMITTER_EMAIL: stringIn(author, 'email') ?? '',
    GIT_COMMITTER_DATE: stringIn(author, 'date') ?? '',
  };
  const tree = stringIn(body, 'tree') ?? '';
  const sha = git(repository, ['commit-tree', tree, ...parents], { input: message, env });
  return { status: 201, data: { sha } };
}

function createRef({ state: { repository }, body }: Call): Answer {
  const ref = stringIn(body, 'ref') ?? '';
  if (resolves(repository, ref) !== undefined) {
    return refuse('Reference already exists');
  }
  git(repository, ['update-ref', ref, stringIn(body, 'sha') ?? '']);
  return { status: 201, data: { ref } };
}

function createPull({ state, body }: Call): Answer {
  const head = stringIn(body, 'head') ?? '';
  const base = stringIn(body, 'base') ?? '';
  const open = [...state.pulls.values()].some((pull) => pull.branch === head && pull.open);
  const problem = commentProblem(body);
  if (open || problem !== undefined) {
    return refuse(problem ?? `A pull request already exists for acme:${head}.`);
  }
  const [from, to] = [base, head].map((name) => resolves(state.repository, `refs/heads/${name}`));
  if (from === undefined || to === undefined || from === to) {
    return refuse('No commits between base and head');
  }
  const number = state.nextId();
  state.pulls.set(number, {
    number,
    base: from,
    head: to,
    branch: head,
    title: stringIn(body, 'title') ?? '',
    body: stringIn(body, 'body') ?? '',
    open: true,
    draft: false,
  });
  return { status: 201, data: { number } };
}

/** What the double does where branches, commits and pull requests are made. */
export const gitWriteHandlers: Readonly<Record<string, (call: Call) => Answer>> = {
  'GET /repos/{owner}/{repo}': () => ({
    status: 200,
    data: { id: servedRepository.id, default_branch: 'main' },
  }),
  'GET /repos/{owner}/{repo}/git/ref/{ref}': ({ state, parameters }) => {
    const sha = resolves(state.repository, `refs/${parameters['ref'] ?? ''}`);
    return sha === undefined ? missing : { status: 200, data: { object: { sha } } };
  },
  'GET /repos/{owner}/{repo}/commits/{ref}': ({ state, parameters }) => {
    const ref = parameters['ref'] ?? '';
    const sha = resolves(state.repository, `${ref === 'HEAD' ? 'main' : ref}^{commit}`);
    if (sha === undefined) {
      return { status: 422, data: { message: `No commit found for SHA: ${ref}` } };
    }
    const date = git(state.repository, ['show', '--no-patch', '--format=%cI', sha]);
    return { status: 200, data: { sha, commit: { committer: { date } } } };
  },
  'GET /repos/{owner}/{repo}/git/commits/{commit_sha}': ({ state, parameters }) => {
    const sha = parameters['commit_sha'] ?? '';
    const format = git(state.repository, ['show', '--no-patch', '--format=%T %cI', sha]);
    const [tree, date] = format.split(' ');
    return { status: 200, data: { sha, tree: { sha: tree }, committer: { date } } };
  },
  'POST /repos/{owner}/{repo}/git/trees': createTree,
  'POST /repos/{owner}/{repo}/git/commits': createCommit,
  'POST /repos/{owner}/{repo}/git/refs': createRef,
  'GET /repos/{owner}/{repo}/pulls': (call) => {
    const branch = call.query.get('head')?.split(':')[1];
    const found = [...call.state.pulls.values()]
      .filter((pull) => pull.branch === branch)
      .toSorted((left, right) => right.number - left.number)
      .map(({ number, open }) => ({ number, state: open ? 'open' : 'closed' }));
    return { status: 200, data: page(call, found) };
  },
  'POST /repos/{owner}/{repo}/pulls': createPull,
};
