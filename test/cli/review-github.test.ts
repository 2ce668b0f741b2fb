import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { GitHubEnvironment } from '../../cli/environment.ts';
import { reviewOnGitHub } from '../../cli/review-github.ts';
import type { Terminal } from '../../cli/terminal.ts';
import { describeRendering } from '../support/describe-rendering.ts';
import { createRepository, type TestRepository } from '../support/git-repository.ts';
import { startGitHub, type GitHubDouble } from '../support/github/double.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let repository: TestRepository;
let double: GitHubDouble;
let out = '';
let err = '';
const terminal: Terminal = {
  out: (text) => void (out += text),
  err: (text) => void (err += text),
  outIsTerminal: false,
  errIsTerminal: false,
  noColour: true,
  readInput: () => Promise.resolve(Buffer.alloc(0)),
  now: Date.now,
};

const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n';

beforeEach(async () => {
  [out, err] = ['', ''];
  repository = createRepository();
  double = await startGitHub(repository);
  double.state.pulls.set(5, {
    number: 5,
    base: repository.commit({}),
    head: repository.commit({ 'a.yaml': namespace }),
    open: true,
    draft: false,
  });
});
afterEach(async () => {
  await double.close();
  repository.remove();
});

function run(
  number: number,
  flags: { readonly post?: true; readonly sarif?: true; readonly cacheFolder?: string } = {},
  token = 'ghp_someone',
) {
  const environment: GitHubEnvironment = {
    url: double.url,
    token,
    appId: '',
    privateKey: '',
    webhookSecret: '',
    previousWebhookSecret: '',
  };
  const pull = { owner: 'acme', repo: 'shop', number };
  return reviewOnGitHub(pull, { output: 'markdown', ...flags }, environment, terminal);
}

describe('review --github', () => {
  test('prints the review and writes nothing', async () => {
    expect(await run(5)).toBe(0);
    expect(out).toContain('<!-- meshgate:review -->');
    expect(double.requests.filter((request) => !request.startsWith('GET'))).toEqual([]);
  });

  test('says it on the pull request with --post', async () => {
    expect(await run(5, { post: true })).toBe(0);
    expect(double.state.conversation).toMatchObject([{ user: 'someone' }]);
    expect(double.state.checks).toMatchObject([{ conclusion: 'success' }]);
  });

  test('tells what could not be posted, as with the token of a fork', async () => {
    double.state.denied.add('checks').add('pull_requests');
    expect(await run(5, { post: true })).toBe(0);
    expect(err).toContain('could not be posted');
  });

  test('hands the findings to code scanning with --sarif', async () => {
    await run(5, { post: true, sarif: true });
    const [upload] = double.state.uploads;
    expect(upload).toMatchObject({ ref: 'refs/pull/5/head' });
    const log = gunzipSync(Buffer.from(String(upload?.['sarif']), 'base64')).toString();
    expect(JSON.parse(log)).toMatchObject({ version: '2.1.0' });
  });

  test('names what is missing', async () => {
    await expect(run(5, {}, '')).rejects.toThrow('set GITHUB_TOKEN');
    await expect(run(5, {}, 'wrong')).rejects.toThrow('GitHub answered 401');
  });

  test('refuses what is no pull request', async () => {
    const folder = temporaryFolder();
    const result = await runCli(['review', '--github', 'acme/shop'], { folder });
    expect(result).toMatchObject({ code: 2, err: expect.stringContaining('OWNER/REPO#12') });
  });
});

describeRendering('what was rendered', () => {
  test('is kept for the next run', async () => {
    const pull = double.state.pulls.get(5);
    if (pull !== undefined) {
      pull.head = repository.commit({
        'app/kustomization.yaml': 'resources: [a.yaml]\n',
        'app/a.yaml': namespace,
      });
    }
    const cacheFolder = join(temporaryFolder(), 'renders');
    await run(5, { cacheFolder });
    const kept = readdirSync(cacheFolder, { recursive: true });
    expect(kept.length).toBeGreaterThan(0);
    const first = out;
    out = '';
    await run(5, { post: true, cacheFolder });
    expect(readdirSync(cacheFolder, { recursive: true })).toEqual(kept);
    expect(first).toContain('1 root rendered');
  });
});
