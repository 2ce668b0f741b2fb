import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readToolEnvironment } from '../../tools/install/environment.ts';
import { createRepository, type TestRepository } from '../support/git-repository.ts';
import { runAction, type ActionRun } from '../support/github/composite-action.ts';
import { startGitHub, type GitHubDouble } from '../support/github/double.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const installMilliseconds = 300_000;
const root = fileURLToPath(new URL('../..', import.meta.url));
const renderer = ['render.wasm', '.render.wasm.key'];

let repository: TestRepository;
let double: GitHubDouble;
beforeEach(async () => {
  repository = createRepository();
  double = await startGitHub(repository);
});
afterEach(async () => {
  await double.close();
  repository.remove();
});

/** The tracked files as a runner has them, and the renderer where the runner's cache would bring it. */
function checkOut(): string {
  const folder = temporaryFolder();
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' });
  for (const file of files
    .split('\0')
    .filter((name) => name !== '' && existsSync(join(root, name)))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  mkdirSync(join(folder, 'tools/bin'), { recursive: true });
  for (const file of renderer.filter((name) => existsSync(join(root, 'tools/bin', name)))) {
    copyFileSync(join(root, 'tools/bin', file), join(folder, 'tools/bin', file));
  }
  return folder;
}

function run(folder: string, inputs: Readonly<Record<string, string>>): Promise<ActionRun> {
  const { variables } = readToolEnvironment();
  const { PATH = '', HOME = '' } = variables;
  const npm: Record<string, string> = {};
  for (const [name, value = ''] of Object.entries(variables)) {
    if (/^npm_config_/iu.test(name)) {
      npm[name] = value;
    }
  }
  const github = {
    token: 'ghp_someone',
    repository: 'acme/shop',
    action_ref: 'v1',
    event: { pull_request: { number: 5, title: '$(touch /tmp/x)' } },
  };
  return runAction(
    folder,
    { inputs, github },
    {
      ...npm,
      PATH: `${dirname(process.execPath)}${delimiter}${PATH}`,
      HOME,
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_API_URL: double.url,
      npm_config_prefer_offline: 'true',
    },
  );
}

test(
  'the action installs itself from its tracked files and reviews a pull request',
  async () => {
    const canRender = existsSync(join(root, 'tools/bin', renderer[0] ?? ''));
    const overlay = (labels: string): Readonly<Record<string, string>> => ({
      ...(canRender ? { 'base/kustomization.yaml': 'resources: [shop.yaml]\n' } : {}),
      'base/shop.yaml': `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels: ${labels}\n`,
    });
    double.state.pulls.set(5, {
      number: 5,
      base: repository.commit(overlay('{}')),
      head: repository.commit(overlay('{istio-injection: enabled}')),
      open: true,
      draft: false,
    });
    const folder = checkOut();
    const { code, log, uses } = await run(folder, canRender ? {} : { renderer: 'false' });
    expect({ code, log: code === 0 ? '' : log }).toEqual({ code: 0, log: '' });
    expect(uses.map(({ action }) => action.replace(/@v\d+$/u, ''))).toEqual([
      'actions/setup-node',
      ...(canRender ? ['actions/cache'] : []),
    ]);
    expect(double.state.checks).toMatchObject([{ status: 'completed' }]);
    const [summary] = double.state.conversation;
    expect(summary?.body).toContain('Namespace shop');
    expect(readdirSync(join(folder, 'node_modules'))).not.toContain('jest');
  },
  installMilliseconds,
);
