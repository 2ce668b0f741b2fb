import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createCaller, createStarter } from '../../functions/invoke.ts';
import { buildFunctions } from '../../tools/build/functions.ts';
import { findRuntimeClient } from '../../tools/lambda/locate.ts';
import { createAuthority, type Authority } from '../support/cluster/certificates.ts';
import { describeWith } from '../support/describe-with.ts';
import { servedResource, startFakeApi, type FakeApi } from '../support/drift/fake-api.ts';
import { setEnvironment } from '../support/environment.ts';
import { createRepository, type TestRepository } from '../support/git-repository.ts';
import { startGitHub, type GitHubDouble } from '../support/github/double.ts';
import { startLambda, type Lambda } from '../support/github/lambda.ts';
import { servedApp } from '../support/github/state.ts';

const client = findRuntimeClient();
const missing =
  client === undefined
    ? "AWS's runtime client is not built: run `node tools/lambda/main.ts`"
    : undefined;
const rules = '/apis/networking.istio.io/v1/destinationrules';

function rule(mode: string): Record<string, unknown> {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'ledger', namespace: 'shop' },
    spec: { host: 'ledger', trafficPolicy: { tls: { mode } } },
  };
}

describeWith(missing, 'the drift gate under the runtime client of AWS', () => {
  let folder: string;
  let authority: Authority;
  let repository: TestRepository;
  let double: GitHubDouble;
  let api: FakeApi;
  let lambda: Lambda;
  let restore: () => void;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'meshgate-functions-'));
    authority = await createAuthority('test authority');
    const { outputFiles } = await buildFunctions(fileURLToPath(new URL('../..', import.meta.url)));
    for (const { path, contents } of outputFiles) {
      writeFileSync(join(folder, basename(path)), contents);
    }
  }, 120_000);
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    repository = createRepository();
    double = await startGitHub(repository);
    const leaf = await authority.issue({ commonName: 'cluster', addresses: ['127.0.0.1'] });
    api = await startFakeApi(leaf);
    api.resources.set('/apis/networking.istio.io/v1', [
      servedResource('destinationrules', 'DestinationRule'),
    ]);
    api.objects.set(rules, [rule('DISABLE')]);
    lambda = await startLambda(client ?? '', folder, { retries: 2 });
    restore = setEnvironment({
      AWS_ENDPOINT_URL_LAMBDA: lambda.url,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'x',
      AWS_SECRET_ACCESS_KEY: 'x',
    });
    repository.commit(files());
  });
  afterEach(async () => {
    restore();
    await lambda.stop();
    await api.close();
    await double.close();
    repository.remove();
  });

  function files(): Record<string, string> {
    const eks = (port: number): object => ({
      clusterName: 'prod',
      region: 'eu-west-1',
      endpoint: `https://127.0.0.1:${String(port)}`,
      certificateAuthority: Buffer.from(authority.pem).toString('base64'),
    });
    const config = {
      apiVersion: 'meshgate.dev/v1alpha1',
      kind: 'MeshgateConfig',
      drift: {
        targets: [{ name: 'prod', paths: ['prod'], eks: eks(api.port) }],
        clusters: 'fleet',
      },
    };
    const entry = {
      apiVersion: 'meshgate.dev/v1alpha1',
      kind: 'Cluster',
      metadata: { name: 'elsewhere' },
      spec: {
        paths: ['prod'],
        eks: { ...eks(api.port), endpoint: 'https://attacker.example.com' },
      },
    };
    return {
      'meshgate.yaml': JSON.stringify(config),
      'fleet/elsewhere.yaml': JSON.stringify(entry),
      'prod/ledger.yaml': JSON.stringify(rule('ISTIO_MUTUAL')),
    };
  }

  async function startFunctions(timeoutMilliseconds = 60_000): Promise<void> {
    const environment = {
      MESHGATE_APP_ID: String(servedApp.id),
      MESHGATE_APP_PRIVATE_KEY: double.privateKey.replaceAll('\n', String.raw`\n`),
      MESHGATE_GITHUB_URL: double.url,
      MESHGATE_REPOSITORY: 'acme/shop',
      MESHGATE_INSTALLATION_ID: String(servedApp.installation),
      MESHGATE_CLUSTER_ENDPOINTS: '127.0.0.1',
      MESHGATE_CHECK_DRIFT_FUNCTION: 'check-drift',
    };
    await lambda.start({ name: 'check-drift', environment, timeoutMilliseconds });
    await lambda.start({ name: 'plan-drift', environment });
  }

  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    }
  }

  test('the schedule has each cluster compared by an invocation of its own, and told', async () => {
    await startFunctions();
    await createStarter()('plan-drift', { version: 1 });
    await until(() => lambda.deadLetters.length > 0 && double.state.checks.length > 0);
    const commit = repository.git('rev-parse', 'HEAD');
    const common = { version: 1, repository: 'acme/shop', commit };
    expect(lambda.events).toHaveLength(3);
    for (const target of ['prod', 'elsewhere']) {
      expect(lambda.events).toContainEqual({
        ...common,
        target,
        installation: servedApp.installation,
      });
    }
    await until(() => double.state.checks[0]?.status === 'completed');
    expect(double.state.checks).toEqual([
      expect.objectContaining({ name: 'meshgate drift: prod', conclusion: 'failure' }),
    ]);
    expect(lambda.deadLetters).toEqual([
      expect.objectContaining({
        requestContext: expect.objectContaining({
          condition: 'RetriesExhausted',
          approximateInvokeCount: 3,
        }),
        requestPayload: expect.objectContaining({ target: 'elsewhere' }),
        responsePayload: expect.objectContaining({
          errorMessage: expect.stringContaining('attacker.example.com is no address of EKS'),
        }),
      }),
    ]);
  });

  test('the same event twice leaves what one leaves', async () => {
    await startFunctions();
    const call = createCaller();
    const commit = repository.git('rev-parse', 'HEAD');
    const event = { version: 1, target: 'prod', commit };
    await call('check-drift', event);
    const told = structuredClone({
      checks: double.state.checks.map(({ name, conclusion }) => ({ name, conclusion })),
      comments: double.state.conversation.length,
    });
    const posts = double.requests.filter((line) => line.startsWith('POST /repos/')).length;
    await call('check-drift', event);
    expect({
      checks: double.state.checks.map(({ name, conclusion }) => ({ name, conclusion })),
      comments: double.state.conversation.length,
    }).toEqual(told);
    expect(double.requests.filter((line) => line.startsWith('POST /repos/'))).toHaveLength(posts);
  });

  test('on demand the report comes back, and quietly nothing is told', async () => {
    await startFunctions();
    expect(
      await createCaller()('check-drift', { version: 1, target: 'prod', quiet: true }),
    ).toMatchObject({
      version: 1,
      cluster: 'prod',
      verdict: 'drift',
      drifts: [
        {
          object: 'DestinationRule shop/ledger',
          fields: [{ at: '/spec/trafficPolicy/tls/mode', live: 'DISABLE' }],
          file: 'prod/ledger.yaml',
        },
      ],
    });
    expect(double.state.checks).toEqual([]);
  });

  test('one report over the fleet, in which a cluster that fails costs itself alone', async () => {
    await startFunctions();
    expect(
      await createCaller()('plan-drift', { version: 1, quiet: true, wait: true }),
    ).toMatchObject({
      version: 1,
      verdict: 'drift',
      summary: [
        { cluster: 'prod', verdict: 'drift', drifts: 1 },
        { cluster: 'elsewhere', verdict: 'undetermined', why: expect.stringContaining('EKS') },
      ],
      clusters: [{ cluster: 'prod' }],
    });
  });

  test('what the time does not suffice for is undetermined, and said in time', async () => {
    api.delayMilliseconds = 20_000;
    await startFunctions(36_000);
    expect(
      await createCaller()('check-drift', { version: 1, target: 'prod', quiet: true }),
    ).toMatchObject({
      verdict: 'undetermined',
      drifts: [],
      unknown: expect.arrayContaining([
        expect.objectContaining({ why: expect.stringContaining('time ran out') }),
      ]),
    });
  }, 60_000);

  test('a function that is ended, and one that throws, are failures of the call', async () => {
    await startFunctions(1);
    const call = createCaller();
    await expect(call('check-drift', { version: 1, target: 'prod' })).rejects.toThrow('timed out');
    await expect(call('plan-drift', { version: 2 })).rejects.toThrow('is no job of the drift gate');
  });
});
