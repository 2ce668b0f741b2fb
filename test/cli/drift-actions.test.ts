import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { servedForEachTest } from '../support/github/each-test.ts';
import { runCli, type CliRun } from '../support/run-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const source = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: ledger, namespace: shop}
spec:
  host: ledger
  trafficPolicy:
    tls:
      mode: MUTUAL # agreed
`;
const live = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'DestinationRule',
  metadata: { name: 'ledger', namespace: 'shop' },
  spec: { host: 'ledger', trafficPolicy: { tls: { mode: 'DISABLE' } } },
};

const served = servedForEachTest(({ repository }) => {
  repository.commit({ 'a/rules.yaml': source });
});

async function drift(...options: readonly string[]): Promise<CliRun> {
  const folder = temporaryFolder({ 'live.json': JSON.stringify(live) });
  const dump = join(folder, 'live.json');
  return await runCli(['drift', 'a', '--live', dump, '--cluster', 'prod', ...options], {
    folder: served.repository.directory,
    env: { GITHUB_TOKEN: 'ghp_someone', GITHUB_API_URL: served.double.url },
  });
}

const file = (): string => readFileSync(join(served.repository.directory, 'a/rules.yaml'), 'utf8');

test('--output markdown and sarif say it on the line', async () => {
  const markdown = await drift('-o', 'markdown');
  expect(markdown).toMatchObject({ code: 1, err: '' });
  expect(markdown.out).toContain('`DestinationRule shop/ledger` at `a/rules.yaml:8`');
  const sarif = await drift('-o', 'sarif');
  expect(JSON.parse(sarif.out)).toMatchObject({
    runs: [
      {
        results: [
          {
            ruleId: 'drift/changed',
            locations: [
              {
                physicalLocation: {
                  artifactLocation: { uri: 'a/rules.yaml' },
                  region: { startLine: 8 },
                },
              },
            ],
          },
        ],
      },
    ],
  });
});

test('--revert and --tolerate print, and touch nothing', async () => {
  expect((await drift('--revert')).out).toContain('"mode": "MUTUAL"');
  expect((await drift('--tolerate')).out).toContain('at: /spec/trafficPolicy/tls/mode');
  expect(file()).toBe(source);
});

test('--adopt shows or writes its line alone, and then nothing drifts', async () => {
  const shown = await drift('--adopt', '--diff');
  expect(shown.out).toContain('-      mode: MUTUAL # agreed\n+      mode: DISABLE # agreed');
  expect(file()).toBe(source);
  const written = await drift('--adopt');
  expect(written.err).toContain('adopted: DestinationRule shop/ledger spec.trafficPolicy.tls.mode');
  expect(file()).toBe(source.replace('MUTUAL', 'DISABLE'));
  expect(await drift()).toMatchObject({ code: 0 });
});

test('--pull-request proposes it once and leaves the checkout alone', async () => {
  const first = await drift('--adopt', '--pull-request', 'acme/shop');
  expect(first).toMatchObject({ code: 1, err: expect.stringContaining('adopted') });
  expect(first.out).toMatch(/^pull request #\d+ opened\n$/u);
  expect((await drift('--adopt', '--pull-request', 'acme/shop')).out).toContain('is open already');
  const [pull] = served.double.state.pulls.values();
  expect(pull?.body).toContain('`"MUTUAL"` becomes `"DISABLE"`');
  expect(served.repository.git('show', `${pull?.branch ?? ''}:a/rules.yaml`)).toContain(
    'mode: DISABLE',
  );
  expect(file()).toBe(source);
});

test('--github keeps the issue, --metrics-file the numbers', async () => {
  const metrics = join(temporaryFolder(), 'drift.prom');
  const run = await drift('--github', 'acme/shop', '--metrics-file', metrics);
  expect(run.err).toContain('prod: issue #');
  expect(served.double.state.issues).toMatchObject([{ open: true, user: 'someone' }]);
  expect(readFileSync(metrics, 'utf8')).toContain(
    'meshgate_drift_objects{cluster="prod",verdict="changed"} 1',
  );
  expect(readFileSync(metrics, 'utf8')).toContain('meshgate_drift_oldest_seconds{cluster="prod"}');
});

test('what GitHub does not take leaves the report as it is', async () => {
  served.double.faults.add(/issues$/u, {
    kind: 'status',
    status: 401,
    message: 'Bad credentials',
  });
  const run = await drift('--github', 'acme/shop');
  expect(run.code).toBe(2);
  expect(run.err).toContain('prod: the issue could not be written: GitHub answered 401');
  expect(run.out).toContain('DestinationRule shop/ledger');
  expect(served.double.state.issues).toEqual([]);
});

test('what does not go together is refused', async () => {
  expect(await drift('--diff')).toMatchObject({
    code: 2,
    err: expect.stringContaining('go with --adopt'),
  });
  expect(await drift('--adopt', '--revert')).toMatchObject({ code: 2 });
  expect(await drift('--github', 'acme')).toMatchObject({
    code: 2,
    err: expect.stringContaining('OWNER/REPO'),
  });
});
