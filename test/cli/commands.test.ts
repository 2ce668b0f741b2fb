import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { configTemplate } from '../../cli/init/config-template.ts';
import { catalogue } from '../../policies/index.ts';
import { readSettings } from '../../policies/core/read-settings.ts';
import { explainPolicy } from '../../cli/explain/explain-policy.ts';
import { parseDocument } from '../../pipelines/render/parse-documents.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('meshgate --version', async () => {
  const manifest = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as { readonly version: string };
  expect(await runCli(['--version'], { folder: temporaryFolder() })).toEqual({
    code: 0,
    out: `${manifest.version}\n`,
    err: '',
  });
});

test('meshgate policies lists every policy, for people and for programs', async () => {
  const folder = temporaryFolder();
  const { out } = await runCli(['policies'], { folder });
  const json = await runCli(['policies', '--output', 'json'], { folder });
  const { policies } = JSON.parse(json.out) as {
    readonly policies: readonly { readonly id: string }[];
  };
  expect(policies.map(({ id }) => id)).toEqual(catalogue.map(({ id }) => id));
  for (const { id, title, severity, equivalents } of catalogue) {
    expect(out).toContain(id);
    expect(policies).toContainEqual(expect.objectContaining({ id, title, severity, equivalents }));
  }
});

test.each(catalogue.map((policy) => [policy.id, policy] as const))('explain %s', (_, policy) => {
  const text = explainPolicy(policy);
  expect(text.startsWith(`${policy.id}: ${policy.title}\n`)).toBe(true);
  for (const message of Object.keys(policy.messages)) expect(text).toContain(message);
  for (const { name } of policy.examples.slice(0, 1)) expect(text).toContain(`: ${name}\n`);
});

describe('meshgate init', () => {
  test('writes a configuration that is valid and changes nothing, once', async () => {
    const folder = temporaryFolder();
    expect((await runCli(['init'], { folder })).code).toBe(0);
    const file = join(folder, 'meshgate.yaml');
    expect(readFileSync(file, 'utf8')).toBe(configTemplate(catalogue));
    expect((await runCli(['check'], { folder })).code).toBe(0);
    const again = await runCli(['init'], { folder });
    expect([again.code, again.err]).toEqual([2, expect.stringContaining('--force')]);
    expect((await runCli(['init', '--force'], { folder })).code).toBe(0);
  });

  test('its policies are valid without their comment marks too', () => {
    const template = configTemplate(catalogue);
    const from = template.indexOf('policies:\n');
    const to = template.indexOf('# Other settings');
    const section = template.slice(from, to).replaceAll(/^ {2}# (?=[a-z]+\/|  )/gmu, '  ');
    const reading = parseDocument(template.slice(0, from) + section + template.slice(to));
    expect(reading).toHaveProperty('value');
    expect('value' in reading && readSettings(reading.value, catalogue)).toHaveProperty('settings');
  });
});

describe('meshgate completion', () => {
  test.each(['bash', 'zsh', 'fish'])('%s names commands, options and policies', async (shell) => {
    const { code, out } = await runCli(['completion', shell], { folder: temporaryFolder() });
    expect(code).toBe(0);
    for (const word of ['check', 'explain', 'output', 'sarif', 'drain/grace-covers-ttl']) {
      expect(out).toContain(word);
    }
  });

  test('bash completes', async () => {
    const folder = temporaryFolder();
    const { out } = await runCli(['completion', 'bash'], { folder });
    const script = `${out}
COMP_WORDS=(meshgate check --output s); COMP_CWORD=3; _meshgate; echo "\${COMPREPLY[@]}"
COMP_WORDS=(meshgate expl); COMP_CWORD=1; _meshgate; echo "\${COMPREPLY[@]}"`;
    const completed = execFileSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' });
    expect(completed).toBe('sarif\nexplain\n');
  });
});
