import { mkdtempSync, readdirSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { review, type Review } from '../../../pipelines/review.ts';
import { createRepository, type TestRepository } from '../../support/git-repository.ts';
import { deployment } from '../../support/github/manifests.ts';
import { replicasPolicy } from '../../support/review-policy.ts';

let repository: TestRepository;
beforeEach(() => {
  repository = createRepository();
});
afterEach(() => {
  repository.remove();
});

const configuration = (policies: string): string =>
  `apiVersion: meshgate.dev/v1alpha1\nkind: MeshgateConfig\npolicies: ${policies}\n`;

async function run(base = 'HEAD~1', head = 'HEAD'): Promise<Review> {
  const result = await tryRun(base, head);
  if ('problem' in result) {
    throw new Error(result.problem);
  }
  return result;
}

async function tryRun(base: string | undefined, head = 'HEAD'): ReturnType<typeof review> {
  return await review({
    repository,
    ...(base === undefined ? {} : { base }),
    head,
    catalogue: [replicasPolicy],
    now: 0,
  });
}

function keys(findings: Review['introduced']): readonly string[] {
  return findings.map(
    ({ finding, file, line }) =>
      `${finding.message} ${finding.object.name} ${file}:${String(line)}`,
  );
}

describe('what a branch does', () => {
  test('introduces, resolves and leaves findings, each at its place', async () => {
    repository.commit({
      'a/good.yaml': deployment('good', 2),
      'a/bad.yaml': deployment('bad', 1),
      'a/old.yaml': `# first\n---\n${deployment('old', 1)}`,
    });
    repository.commit({
      'a/good.yaml': deployment('good', 1),
      'a/bad.yaml': deployment('bad', 3),
      'b/moved.yaml': deployment('old', 1),
    });
    const result = await run();
    expect(keys(result.introduced)).toEqual(['too-few good a/good.yaml:7']);
    expect(keys(result.resolved)).toEqual(['too-few bad a/bad.yaml:7']);
    expect(keys(result.remaining)).toEqual(['too-few old b/moved.yaml:7']);
    expect(result.changes.map(({ object, change }) => `${change} ${object.name}`)).toEqual([
      'changed bad',
      'changed good',
    ]);
    expect(result.introduced[0]?.suggestion).toEqual([
      { at: '/spec/replicas', before: 1, after: 2 },
    ]);
    expect(result.verdict).toBe('blocked');
  });

  test('compares with the merge base, so that the base branch may have gone on', async () => {
    const fork = repository.commit({ 'a.yaml': deployment('a', 2) });
    repository.git('checkout', '--quiet', '-b', 'topic');
    repository.commit({ 'a.yaml': deployment('a', 2), 'b.yaml': deployment('b', 2) });
    repository.git('checkout', '--quiet', 'main');
    repository.commit({ 'a.yaml': deployment('a', 5) });
    const result = await run('main', 'topic');
    expect(result.base).toBe(fork);
    expect(result.changes.map(({ object }) => object.name)).toEqual(['b']);
    expect(result.verdict).toBe('clear');
  });

  test('takes main where nothing says what the base is', async () => {
    repository.commit({ 'a.yaml': deployment('a', 2) });
    repository.git('checkout', '--quiet', '-b', 'topic');
    repository.commit({ 'a.yaml': deployment('a', 1) });
    expect(await tryRun(undefined)).toMatchObject({ verdict: 'blocked' });
  });

  test('follows a renamed object and a shifted container', async () => {
    repository.commit({ 'a.yaml': deployment('web', 2, 'registry.example.com/app') });
    const sidecar = '        - {name: first, image: "x:1"}\n        - name: app';
    repository.commit({
      'a.yaml': deployment('site', 2, 'registry.example.com/app'),
      'b.yaml': deployment('other', 2).replace('        - name: app', sidecar),
    });
    const result = await run();
    expect(keys(result.introduced)).toEqual([]);
    expect(keys(result.remaining)).toEqual(['no-tag site a.yaml:16']);
  });

  test('a warning does not block', async () => {
    repository.commit({ 'a.yaml': deployment('a', 2) });
    repository.commit({ 'a.yaml': deployment('a', 2, 'bare') });
    expect(await run()).toMatchObject({ verdict: 'clear', introduced: [{ line: 16 }] });
  });
});

describe('the configuration', () => {
  test('is that of the merge base: a branch cannot excuse itself', async () => {
    repository.commit({ 'a.yaml': deployment('a', 2) });
    repository.commit({
      'a.yaml': deployment('a', 1),
      'meshgate.yaml': configuration('{test/replicas: {mode: off}}'),
    });
    expect(await run()).toMatchObject({ verdict: 'blocked', configurationChanges: true });
  });

  test('holds where the base has it', async () => {
    const files = { 'meshgate.yaml': configuration('{test/replicas: {params: {minimum: 5}}}') };
    repository.commit({ ...files, 'a.yaml': deployment('a', 5) });
    repository.commit({ ...files, 'a.yaml': deployment('a', 4) });
    const { introduced, changes } = await run();
    expect(introduced[0]?.finding.data).toMatchObject({ minimum: 5 });
    expect(changes).toHaveLength(1);
  });

  test('that cannot be read ends the review, naming file, commit and field', async () => {
    repository.commit({ 'meshgate.yaml': configuration('{test/replica: {}}') });
    repository.commit({});
    expect(await tryRun('HEAD~1')).toEqual({
      problem: expect.stringMatching(/^meshgate\.yaml of [\da-f]{10}, .*test\/replica/su),
    });
  });
});

describe('what cannot be read', () => {
  test('is told, and its objects count as they were', async () => {
    repository.commit({ 'a.yaml': deployment('a', 1), 'b.yaml': deployment('b', 2) });
    repository.commit({
      'a.yaml': `${deployment('a', 1)}  broken: [\n`,
      'b.yaml': deployment('b', 2),
    });
    const result = await run();
    expect(result.unreadable).toMatchObject([{ path: 'a.yaml', introduced: true }]);
    expect(result.changes).toEqual([]);
    expect(keys(result.resolved)).toEqual([]);
    expect(keys(result.remaining)).toEqual(['too-few a a.yaml:7']);
    expect(result.verdict).toBe('incomplete');
  });

  test('does not count against a branch that did not touch it', async () => {
    repository.commit({ 'a.yaml': 'apiVersion: [' });
    repository.commit({ 'a.yaml': 'apiVersion: [', 'b.yaml': deployment('b', 2) });
    expect(await run()).toMatchObject({ verdict: 'clear', unreadable: [{ introduced: false }] });
  });

  test('binaries, UTF-16 and files that are too large', async () => {
    repository.commit({});
    repository.commit({
      'a.yaml': 'apiVersion: v1\0',
      'b.yaml': '\uFEFFapiVersion: v1\nkind: Namespace\nmetadata: {name: b}\n',
      'c.yaml': 'x'.repeat(33 * 1024 * 1024),
    });
    const { unreadable, changes } = await run();
    expect(unreadable.map(({ path }) => path)).toEqual(['a.yaml', 'c.yaml']);
    expect(changes.map(({ object }) => object.name)).toEqual(['b']);
  });
});

describe('a hostile repository', () => {
  test('has its links left where they are', async () => {
    repository.commit({});
    repository.commit({
      'passwd.yaml': { link: '/etc/passwd' },
      'inside.yaml': { link: 'a.yaml' },
      'a.yaml': deployment('a', 2),
    });
    const result = await run();
    expect(result.changes).toHaveLength(1);
    expect(result.leftOut.map(({ path }) => path)).toEqual(['inside.yaml', 'passwd.yaml']);
    expect(JSON.stringify(result)).not.toContain('root:');
  });

  test('runs nothing of its own: hooks, filters, text conversion, monitors, replacements', async () => {
    const trap = mkdtempSync(join(tmpdir(), 'meshgate-trap-'));
    try {
      const script = join(trap, 'run.sh');
      writeFileSync(script, `#!/bin/sh\necho ran >> ${join(trap, 'ran')}\ncat\n`);
      chmodSync(script, 0o755);
      const good = repository.commit({ 'a.yaml': deployment('a', 2) });
      const bad = repository.commit({
        '.gitattributes': '*.yaml filter=trap diff=trap\n',
        'a.yaml': deployment('a', 1),
      });
      for (const [key, value] of [
        ['filter.trap.smudge', script],
        ['filter.trap.process', script],
        ['diff.trap.textconv', script],
        ['diff.trap.command', script],
        ['diff.external', script],
        ['core.fsmonitor', script],
        ['core.pager', script],
        ['core.sshCommand', script],
        ['core.gitProxy', script],
        ['core.alternateRefsCommand', script],
        ['alias.cat-file', `!${script}`],
        ['core.hooksPath', trap],
      ] as const) {
        repository.git('config', key, value);
      }
      repository.git('replace', bad, good);
      expect(await run(good, bad)).toMatchObject({ verdict: 'blocked', head: bad });
      expect(readdirSync(trap)).toEqual(['run.sh']);
    } finally {
      rmSync(trap, { recursive: true });
    }
  });

  test('may have any path', async () => {
    repository.commit({});
    const files = ['--upload-pack=x.yaml', 'a\tb\n"c".yaml', '$(touch x).yaml', 'ä/😀.yaml'];
    repository.commit(
      Object.fromEntries(files.map((file, index) => [file, deployment(`d${String(index)}`, 2)])),
    );
    expect((await run()).changes).toHaveLength(4);
  });

  test('does not reach the prototype by its keys', async () => {
    repository.commit({ 'a.yaml': deployment('a', 2) });
    repository.commit({
      'a.yaml': `${deployment('a', 2)}__proto__:\n  polluted: true\nconstructor: x\n`,
    });
    expect((await run()).changes[0]?.fields.map(({ at }) => at)).toEqual([
      '/__proto__',
      '/constructor',
    ]);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

describe('revisions', () => {
  test.each(['--help', '-x', '', 'no-such', 'HEAD:a.yaml', 'a..b', 'HEAD\n'])(
    '%j is refused with what to do',
    async (revision) => {
      repository.commit({ 'a.yaml': deployment('a', 2) });
      expect(await tryRun(revision)).toEqual({
        problem: expect.stringContaining('names no commit'),
      });
    },
  );

  test('a shallow clone without the merge base says how to get it', async () => {
    repository.commit({});
    repository.git('checkout', '--quiet', '-b', 'topic');
    repository.commit({ 'a.yaml': deployment('a', 2) });
    repository.git('checkout', '--quiet', 'main');
    repository.commit({ 'b.yaml': deployment('b', 2) });
    const folder = mkdtempSync(join(tmpdir(), 'meshgate-shallow-'));
    try {
      const url = `file://${repository.directory}`;
      repository.git('clone', '--quiet', '--depth', '1', '--no-single-branch', url, folder);
      const result = await review({
        repository: { directory: folder, path: repository.path },
        base: 'origin/main',
        head: 'origin/topic',
        catalogue: [],
        now: 0,
      });
      expect(result).toEqual({ problem: expect.stringContaining('git fetch --unshallow') });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('a folder that is no repository is named', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'meshgate-none-'));
    try {
      const none = { directory: folder, path: repository.path };
      const result = await review({ repository: none, head: 'HEAD', catalogue: [], now: 0 });
      expect(result).toEqual({ problem: expect.stringContaining('not a git repository') });
      const gone = { directory: join(folder, 'gone'), path: repository.path };
      expect(await review({ repository: gone, head: 'HEAD', catalogue: [], now: 0 })).toEqual({
        problem: expect.stringContaining('git cannot be run in'),
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test('Helm templates, hidden folders and Kustomize patches are no manifests by themselves', async () => {
  repository.commit({});
  repository.commit({
    'chart/Chart.yaml': 'apiVersion: v2\nname: x\nversion: 1.0.0\ntype: library\n',
    'chart/templates/a.yaml': 'apiVersion: v1\n{{ if }}\n',
    '.hidden/a.yaml': deployment('hidden', 1),
    'k/kustomization.yaml':
      'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{path: patch.yaml}]\n',
    'k/patch.yaml': deployment('patched', 1),
    'templates/real.yaml': deployment('real', 2),
  });
  const result = await run();
  expect(result.introduced).toEqual([]);
  expect(result.unreadable).toEqual([]);
  expect(result.changes.map(({ object }) => object.name)).toEqual(['real']);
  expect(result.leftOut).toEqual([]);
});
