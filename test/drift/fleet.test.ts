import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { postDriftCheck } from '../../pipelines/drift-check-run.ts';
import { fleetReport } from '../../pipelines/present/fleet-report.ts';
import { toJsonDrift } from '../../pipelines/present/json-drift.ts';
import { startFakeApi, servedResource, type FakeApi } from '../support/drift/fake-api.ts';
import { driftOf, driftReport } from '../support/drift-report.ts';
import { createRepository, type TestRepository } from '../support/git-repository.ts';
import { appClient } from '../support/github/app-client.ts';
import { testClock } from '../support/github/clock.ts';
import { startGitHub, type GitHubDouble } from '../support/github/double.ts';
import { servedRepository } from '../support/github/state.ts';
import { runCli, type CliRun } from '../support/run-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });

function readSchema(name: string): object {
  const file = new URL(`../../schemas/${name}.schema.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as object;
}
const isFleet = ajv.addSchema(readSchema('drift-output')).compile(readSchema('drift-fleet-output'));

describe('how a fleet stands', () => {
  let repository: TestRepository;
  let double: GitHubDouble;
  beforeEach(async () => {
    repository = createRepository();
    double = await startGitHub(repository);
    const eks = { clusterName: 'prod', region: 'eu-west-1' };
    const targets = ['eu', 'us', 'asia', 'slow'].map((name) => ({ name, eks }));
    const config = { apiVersion: 'meshgate.dev/v1alpha1', kind: 'MeshgateConfig' };
    repository.commit({
      'meshgate.yaml': JSON.stringify({ ...config, drift: { targets } }),
    });
  });
  afterEach(async () => {
    await double.close();
    repository.remove();
  });

  async function checked(report: ReturnType<typeof driftReport>): Promise<void> {
    const github = appClient(double, testClock());
    const { owner, repo } = servedRepository;
    const commit = repository.git('rev-parse', 'HEAD');
    await postDriftCheck(github, { owner, repo }, { report, commit });
  }

  function fleet(...more: readonly string[]): Promise<CliRun> {
    return runCli(['drift', '--fleet', 'acme/shop', ...more], {
      folder: temporaryFolder(),
      env: { GITHUB_TOKEN: 'ghp_someone', GITHUB_API_URL: double.url },
    });
  }

  test('is put together from what each check left, whoever started it', async () => {
    await checked(driftReport({ cluster: 'us' }));
    await checked(driftReport({ cluster: 'eu' }));
    await checked(driftReport({ cluster: 'eu', drifts: [driftOf('ledger')] }));
    await checked(driftReport({ cluster: 'slow' }));
    Object.assign(double.state.checks.at(-1) ?? {}, { status: 'in_progress' });
    const commit = repository.git('rev-parse', 'HEAD').slice(0, 10);
    const shown = await fleet();
    expect([shown.code, shown.err]).toEqual([1, '']);
    expect(shown.out).toBe(
      [
        'acme/shop: 1 drift, 2 undetermined, 1 in-sync',
        'drift         eu    eu differs from Git in 1 object',
        `undetermined  asia  not compared with ${commit} yet`,
        'undetermined  slow  being compared, or its check was cut off',
        'in-sync       us    us is as Git declares',
        '',
      ].join('\n'),
    );
    const json: unknown = JSON.parse((await fleet('-o', 'json')).out);
    expect([isFleet(json), isFleet.errors]).toEqual([true, null]);
    expect(json).toMatchObject({
      version: 1,
      verdict: 'drift',
      summary: [
        { cluster: 'eu', verdict: 'drift' },
        { cluster: 'us', verdict: 'in-sync' },
        { cluster: 'asia', verdict: 'undetermined' },
        { cluster: 'slow', verdict: 'undetermined' },
      ],
    });
    expect((await fleet('-o', 'markdown')).out).toContain('| `eu` | drift | eu differs');
  });

  test('is not told where GitHub does not let us in, or together with a comparison', async () => {
    double.faults.add(/commits/u, { kind: 'status', status: 401, message: 'Bad credentials' });
    expect(await fleet()).toMatchObject({ code: 2, err: expect.stringContaining('401') });
    expect(await fleet('--live', 'x')).toMatchObject({ code: 2, out: '' });
    expect(await fleet('-o', 'sarif')).toMatchObject({ code: 2, out: '' });
  });
});

describe('a comparison that a function does', () => {
  let server: Server;
  let answers: { readonly body: unknown; readonly failed?: true }[];
  const asked: { readonly url: string; readonly type: unknown; readonly event: unknown }[] = [];
  beforeEach(async () => {
    asked.length = 0;
    server = createServer((request, response) => {
      void text(request).then((body) => {
        const type = request.headers['x-amz-invocation-type'];
        asked.push({ url: request.url ?? '', type, event: JSON.parse(body) });
        const { body: answer, failed } = answers.shift() ?? { body: null };
        if (failed === true) {
          response.setHeader('x-amz-function-error', 'Unhandled');
        }
        response.end(JSON.stringify(answer));
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterEach(async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
  });

  function invoke(...more: readonly string[]): Promise<CliRun> {
    return runCli(['drift', '--invoke', 'gate', ...more], {
      folder: temporaryFolder(),
      env: {
        AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
        AWS_REGION: 'eu-west-1',
        AWS_ACCESS_KEY_ID: 'x',
        AWS_SECRET_ACCESS_KEY: 'x',
      },
    });
  }

  test('is printed as it was answered, by the exit code of its verdict', async () => {
    const report = toJsonDrift(driftReport({ drifts: [driftOf('ledger')] }));
    const clean = toJsonDrift(driftReport({ cluster: 'us' }));
    const fleet = fleetReport([
      { cluster: 'prod', report },
      { cluster: 'us', report: clean },
      { cluster: 'asia', problem: 'it \u001B[31mfailed' },
    ]);
    expect([isFleet(fleet), isFleet.errors]).toEqual([true, null]);
    answers = [{ body: report }, { body: fleet }, { body: clean }];
    const one = await invoke('--target', 'prod', '-o', 'json');
    expect([one.code, JSON.parse(one.out)]).toEqual([1, JSON.parse(JSON.stringify(report))]);
    const all = await invoke();
    expect(all.code).toBe(1);
    expect(all.out).toContain('DestinationRule shop/ledger');
    expect(all.out).toContain('asia: could not be compared: it');
    expect(all.out).not.toContain('\u001B');
    expect(await invoke()).toMatchObject({ code: 0 });
    const common = { version: 1, quiet: true, wait: true };
    expect(asked[0]).toEqual({
      url: '/2015-03-31/functions/gate/invocations',
      type: 'RequestResponse',
      event: { ...common, target: 'prod' },
    });
    expect(asked[1]?.event).toEqual(common);
  });

  test('that fails, or is none, is told and asked for once', async () => {
    answers = [{ body: { errorMessage: 'no such cluster' }, failed: true }, { body: { a: 1 } }];
    expect(await invoke()).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('the function gate failed: no such cluster'),
    });
    expect(await invoke()).toMatchObject({
      code: 2,
      err: expect.stringContaining('answered no drift report'),
    });
    expect(asked).toHaveLength(2);
  });
});

describe('several contexts', () => {
  const apis: FakeApi[] = [];
  const rule = (host: string): Record<string, unknown> => ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'ledger', namespace: 'shop' },
    spec: { host },
  });
  beforeEach(async () => {
    for (const host of ['ledger', 'elsewhere']) {
      const api = await startFakeApi();
      api.resources.set('/apis/networking.istio.io/v1', [
        servedResource('destinationrules', 'DestinationRule'),
      ]);
      api.objects.set('/apis/networking.istio.io/v1/destinationrules', [rule(host)]);
      apis.push(api);
    }
  });
  afterEach(async () => {
    for (const api of apis.splice(0)) await api.close();
  });

  test('give one report over them, each with its own verdict', async () => {
    const names = ['eu', 'us'];
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      contexts: names.map((name) => ({ name, context: { cluster: name, user: 'x' } })),
      clusters: names.map((name, index) => ({
        name,
        cluster: {
          server: `http://127.0.0.1:${String(apis[index]?.port)}`,
          'insecure-skip-tls-verify': true,
        },
      })),
      users: [{ name: 'x', user: {} }],
    };
    const folder = temporaryFolder({
      'a.yaml': JSON.stringify(rule('ledger')),
      config: JSON.stringify(config),
    });
    const args = ['drift', 'a.yaml', '--kubeconfig', join(folder, 'config'), '-o', 'json'];
    const kind = ['--kind', 'DestinationRule'];
    const all = await runCli([...args, ...kind, '--all-contexts'], { folder });
    expect([all.code, all.err]).toEqual([1, '']);
    expect(JSON.parse(all.out)).toMatchObject({
      verdict: 'drift',
      summary: [
        { cluster: 'eu', verdict: 'in-sync' },
        { cluster: 'us', verdict: 'drift', drifts: 1 },
      ],
      clusters: [{ inSync: ['DestinationRule shop/ledger'] }, { drifts: [{ line: 1 }] }],
    });
    const one = await runCli([...args, ...kind, '--context', 'eu'], { folder });
    expect([one.code, JSON.parse(one.out)]).toEqual([
      0,
      expect.objectContaining({ cluster: 'eu', verdict: 'in-sync' }),
    ]);
  });
});
